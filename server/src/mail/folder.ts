// Without an SMTP server mails go into a folder, where whoever runs the backend reads them.

import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createTransport } from 'nodemailer'
import type { Send } from './mail.ts'
import { messageOf } from './smtp.ts'

/** Each mail is a file `ID.eml` that any mail program opens; for this user alone. */
export function folderSender(folder: string, from: string): Send {
  const transport = createTransport({ streamTransport: true, buffer: true, newline: 'unix' })
  return async (id, mail) => {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const { message } = await transport.sendMail(messageOf(id, mail, from))
    const file = join(folder, `${id}.eml`)
    await writeFile(`${file}.part`, message as Buffer, { mode: 0o600 })
    await rename(`${file}.part`, file)
    return file
  }
}
