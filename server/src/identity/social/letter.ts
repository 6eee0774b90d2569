import type { Mail } from '../../mail/mail.ts'
import { writeMail } from '../../mail/template.ts'
import { type SocialId, socialName } from './provider.ts'

/** Tells the owner what happened between a service and the account. */
export function serviceLetter(to: string, id: SocialId, happened: string): Promise<Mail> {
  const text = `${socialName[id]} ${happened} your Spoq account.`
  return writeMail({
    to,
    subject: text.replace(/\.$/, ''),
    text,
    otherwise: 'It was not you? Then set a new password at once: “Forgot your password?” on the sign-in page.',
  })
}
