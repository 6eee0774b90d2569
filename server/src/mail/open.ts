import { join } from 'node:path'
import { folderSender } from './folder.ts'
import { type Outbox, type OutboxDeps, openOutbox } from './outbox.ts'
import { smtpSender } from './smtp.ts'

export interface MailOptions extends Omit<OutboxDeps, 'send'> {
  /** Null: mails go into the folder `server/mail` of the data folder. */
  smtpUrl: string | null
  /** Null: `spoq@` the host that the backend is reached by. */
  from: string | null
  baseUrl: string
  dataDir: string
}

/** Opens the mail of a backend by its configuration: through a server, or into a folder, where the log names the file of each. */
export function openMail({ smtpUrl, from, baseUrl, dataDir, ...deps }: MailOptions): Outbox {
  const sender = from ?? `Spoq <spoq@${mailDomain(baseUrl)}>`
  const folder = join(dataDir, 'server', 'mail')
  return openOutbox({ ...deps, send: smtpUrl ? smtpSender(smtpUrl, sender) : folderSender(folder, sender) })
}

/** An address by numbers has no mail domain. */
function mailDomain(baseUrl: string): string {
  const { hostname } = new URL(baseUrl)
  return /^[\d.]+$|^\[/.test(hostname) ? 'localhost' : hostname
}
