import { html } from 'hono/html'
import { page } from './page.ts'

/** A page that only says something: what happened, and what to do next. */
export function messagePage(said: {
  title: string
  text: string
  /** Where to go on. */
  link?: string
  status?: number
  cookies?: string[]
}): Promise<Response> {
  return page({
    title: said.title,
    status: said.status ?? 200,
    cookies: said.cookies ?? [],
    body: html`<p>${said.text}</p>
${said.link ? html`<p><a href="${said.link}">Go on</a></p>` : ''}`,
  })
}
