// What is told by mail of a key that two accounts have.

import type { Mail } from '../mail/mail.ts'
import { writeMail } from '../mail/template.ts'

/** To whose device was refused. */
export const refusedLetter = (to: string, name: string, fingerprint: string): Promise<Mail> =>
  writeMail({
    to,
    subject: `Your device ${name} was refused`,
    text: `Your device ${name} signed in, and its key (${fingerprint}) was refused: it signs in to another account already. A key opens one account.`,
    otherwise: 'If both are yours, revoke it there: spoq device revoke. Else make a new one: spoq device add --new.',
  })

/** To whose key it is. */
export const holderLetter = (to: string, fingerprint: string): Promise<Mail> =>
  writeMail({
    to,
    subject: 'A key of yours was used for another account',
    text: `Somebody who has your SSH key ${fingerprint} tried to sign in to another account with it. They were refused.`,
    otherwise:
      'If that was not you, somebody has your private key: revoke it with spoq device revoke, and make a new one.',
  })
