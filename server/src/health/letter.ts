import type { Health } from '../db/tables.ts'
import type { Mail } from '../mail/mail.ts'
import { writeMail } from '../mail/template.ts'

/** Tells the owner that a machine does not answer. */
export const unhealthyLetter = (to: string, name: string, { since, reason }: Health): Promise<Mail> =>
  writeMail({
    to,
    subject: `Your machine ${name} does not answer`,
    text: `Since ${since.slice(0, 16).replace('T', ' ')} UTC your machine ${name} has not answered: ${reason}`,
    otherwise: `See what happened: spoq machine show ${name}. This starts it anew: spoq machine restart ${name}`,
  })
