// Sending through an SMTP server.

import { createTransport } from 'nodemailer'
import type SMTPTransport from 'nodemailer/lib/smtp-transport/index.js'
import { type Mail, MailRefused, type Send } from './mail.ts'

const loopback = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/

/**
 * Sends by `SMTP_URL`: `smtp://user:password@host:587`, `smtps://` for TLS from the first byte. Over `smtp` TLS is asked for
 * and, to another computer, insisted on: whoever stands between would read every code. `?ignoreTLS=true` does without.
 */
export function smtpSender(url: string, from: string): Send {
  const { protocol, hostname, searchParams } = new URL(url)
  const mayBePlain = protocol === 'smtps:' || searchParams.has('ignoreTLS') || loopback.test(hostname)
  const options: SMTPTransport.Options = {
    url,
    requireTLS: !mayBePlain,
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 20_000,
    disableFileAccess: true,
    disableUrlAccess: true,
  }
  const transport = createTransport(options)
  return async (id, mail) => {
    await transport.sendMail(messageOf(id, mail, from)).catch(error => {
      throw isRefusal(error) ? new MailRefused(error.message, { cause: error }) : error
    })
    return undefined
  }
}

/** A mail as nodemailer takes it; it makes headers of what it is given, and no line break ever gets through them. */
export function messageOf(id: string, { to, ...said }: Mail, from: string) {
  const domain = /@([\w.-]+)>?$/.exec(from)?.[1] ?? 'localhost'
  return { ...said, from, to: { name: '', address: to }, messageId: `<${id}@${domain}>`, headers: automatic }
}

/** Programs that answer mails leave this one alone (RFC 3834). */
const automatic = { 'Auto-Submitted': 'auto-generated' }

/** A 5xx about this mail. One about our own password is for the operator to put right, and the mail waits for it. */
function isRefusal(error: { code?: string; responseCode?: number }): boolean {
  return (error.code === 'EENVELOPE' || error.code === 'EMESSAGE') && (error.responseCode ?? 0) >= 500
}
