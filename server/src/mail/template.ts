// What mails look like: the same few lines as plain text and as HTML, with every value escaped.

import { html } from 'hono/html'
import type { Mail } from './mail.ts'

interface Said {
  to: string
  subject: string
  /** What happened, a sentence or two. */
  text: string
  /** To be typed somewhere. */
  code?: string
  /** To be opened. */
  link?: string
  /** What to do when it was not them. */
  otherwise: string
}

/** Writes a mail. */
export async function writeMail({ to, subject, text, code, link, otherwise }: Said): Promise<Mail> {
  const lines = ['Hello,', text, ...(code ? [`    ${code}`] : []), ...(link ? [link] : []), otherwise, '-- \nSpoq']
  const body = await html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${subject}</title></head>
<body style="font:16px/1.5 system-ui,sans-serif;max-width:32rem;margin:2rem auto;padding:0 1rem">
<p>Hello,</p>
<p>${text}</p>
${code ? html`<p style="font:700 1.75rem/1.3 ui-monospace,monospace;letter-spacing:.1em">${code}</p>` : ''}
${link ? html`<p><a href="${link}">${link}</a></p>` : ''}
<p>${otherwise}</p>
<p style="opacity:.7">Spoq</p>
</body></html>
`
  return { to, subject: oneLine(subject), text: `${lines.join('\n\n')}\n`, html: String(body) }
}

const oneLine = (text: string) => text.replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ')
