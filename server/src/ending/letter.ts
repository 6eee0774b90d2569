// What the owner is told of a machine's end by mail.

import type { Transaction } from 'kysely'
import type { Ending, Tables } from '../db/tables.ts'
import type { Mail } from '../mail/mail.ts'
import { writeMail } from '../mail/template.ts'
import type { EndingPorts } from './ports.ts'

/** Puts a letter into the transaction; `to` was looked up before it. Null: nobody can be written to. */
export async function tell(
  { mail }: Pick<EndingPorts, 'mail'>,
  trx: Transaction<Tables>,
  to: string | null,
  letter: (to: string) => Promise<Mail>,
): Promise<void> {
  if (to !== null) await mail.put(trx as never, await letter(to), 3 * 86_400)
}

const day = (at: string) => at.slice(0, 10)
const otherwise = (name: string) => `You want it back? Until then: spoq machine keep ${name}`

export const beginsLetter = (to: string, name: string, { endsAt, copy }: Ending): Promise<Mail> =>
  writeMail({
    to,
    subject: `Your machine ${name} ends on ${day(endsAt)}`,
    text:
      copy === 'none'
        ? `It was asked to end ${name}. This server keeps no backups: on ${day(endsAt)} all its files are gone.`
        : `It was asked to end ${name}. A final backup is made first, and kept for 30 days after its end.`,
    otherwise: otherwise(name),
  })

export const failedLetter = (to: string, name: string, { endsAt, reason }: Ending): Promise<Mail> =>
  writeMail({
    to,
    subject: `There is no final backup of ${name} yet`,
    text: `Your machine ${name} ends on ${day(endsAt)}, and its final backup could not be made: ${reason} It is tried again.`,
    otherwise: otherwise(name),
  })

export const extendedLetter = (to: string, name: string, { endsAt }: Ending): Promise<Mail> =>
  writeMail({
    to,
    subject: `Your machine ${name} is kept until ${day(endsAt)}, without a final backup`,
    text: `It was to end today. As its final backup could not be made it stays, stopped, until ${day(endsAt)}; then all its files are gone.`,
    otherwise: otherwise(name),
  })

/** Where a final backup is got. */
export interface Kept {
  backup: string
  /** The day after which it is gone. */
  until: string
  /** The page that shows it to its owner: no secret, it asks for a sign-in. */
  link: string
}

export const overLetter = (to: string, name: string, kept: Kept | null): Promise<Mail> =>
  writeMail({
    to,
    subject: `Your machine ${name} has ended`,
    ...(kept === null
      ? {
          text: `${name} has ended with all its files. There is no final backup.`,
          otherwise: 'Its name stays yours for 30 days.',
        }
      : {
          text: `${name} has ended. Its final backup was verified, and is kept, encrypted, until ${day(kept.until)}. Take it with this command, or in a browser where you are signed in:`,
          code: `spoq backup export --backup ${kept.backup} --to ${name}.tar`,
          link: kept.link,
          otherwise: `This puts it on another machine of yours: spoq backup restore ${kept.backup} MACHINE. Its name stays yours for 30 days.`,
        }),
  })
