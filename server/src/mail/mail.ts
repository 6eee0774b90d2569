/** A mail as its cause writes it. */
export interface Mail {
  to: string
  subject: string
  text: string
  html: string
}

/**
 * Hands a mail over to whoever carries it. The same id is the same mail: sent twice, it can be known for one. Answers the
 * file that it went into, if it did.
 */
export type Send = (id: string, mail: Mail) => Promise<string | undefined>

/** It will never be taken, however often it is tried: there is no such mailbox, or its server wants none of it. */
export class MailRefused extends Error {
  override readonly name = 'MailRefused'
}
