import type { Mail } from '../../mail/mail.ts'
import { writeMail } from '../../mail/template.ts'

/** Tells the owner that the second step was turned on or off. */
export const totpLetter = (to: string, turned: 'on' | 'off'): Promise<Mail> =>
  writeMail({
    to,
    subject: `The second step of your Spoq sign-in is ${turned}`,
    text: `Signing in ${turned === 'on' ? 'asks for a code of your app from now on' : 'needs your password alone from now on'}.`,
    otherwise: 'It was not you? Then set a new password at once: “Forgot your password?” on the sign-in page.',
  })
