// The frame of every page: plain HTML and one style sheet, no script; nothing is loaded from anywhere.

import { createHash } from 'node:crypto'
import { html, raw } from 'hono/html'
import { style } from './style.ts'

export type Html = ReturnType<typeof html>

interface Page {
  title: string
  body: Html
  status?: number
  /** Where its form may lead beside this server: browsers hold a redirect after a form to this list as well. */
  formTo?: string
  /** Set-Cookie lines. */
  cookies?: string[]
}

const styleHash = `'sha256-${createHash('sha256').update(style).digest('base64')}'`

/** A page as an answer. Everything put into `body` by hono's `html` tag is escaped. */
export async function page({ title, body, status = 200, formTo, cookies = [] }: Page): Promise<Response> {
  const text = await html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} – Spoq</title>
<style>${raw(style)}</style>
</head>
<body>
<main>
<p class="brand">Spoq</p>
<h1>${title}</h1>
${body}
</main>
</body>
</html>
`
  return new Response(String(text), { status, headers: withCookies(pageHeaders(formTo), cookies) })
}

/** What was wrong with a form, told aloud by screen readers. */
export const problem = (error: string | undefined): Html | '' =>
  error ? html`<p class="note warn" role="alert">${error}</p>` : ''

/** Sends the browser on with a GET. */
export function redirect(to: string, cookies: string[] = []): Response {
  return new Response(null, {
    status: 303,
    headers: withCookies({ location: to, 'cache-control': 'no-store' }, cookies),
  })
}

function pageHeaders(formTo = ''): Record<string, string> {
  return {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': [
      "default-src 'none'",
      `style-src ${styleHash}`,
      `form-action 'self' ${formTo}`.trim(),
      "base-uri 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
    'x-content-type-options': 'nosniff',
    // Not `no-referrer`: browsers then send `Origin: null` with our own forms, and the Origin is what we check.
    'referrer-policy': 'same-origin',
  }
}

function withCookies(headers: Record<string, string>, cookies: string[]): Headers {
  const all = new Headers(headers)
  for (const cookie of cookies) all.append('set-cookie', cookie)
  return all
}
