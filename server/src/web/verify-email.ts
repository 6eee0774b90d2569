import { html } from 'hono/html'
import { page, problem } from './page.ts'

export interface EmailForm {
  action: string
  email: string
  /** Whether a code is on its way. */
  sent: boolean
  error?: string
  status?: number
  cookies: string[]
}

/** Offers to send a code, and takes it. */
export function verifyEmailPage({ action, email, sent, error, status = 200, cookies }: EmailForm): Promise<Response> {
  return page({
    title: 'Verify your e-mail address',
    status,
    cookies,
    body: html`${problem(error)}
${
  sent
    ? html`<p>A code of six digits was sent to ${email}. It works for 15 minutes.</p>
<form method="post" action="${action}">
<label>The code
<input name="code" inputmode="numeric" autocomplete="one-time-code" required maxlength="13"></label>
<button>Verify</button>
</form>`
    : html`<p>We send a code of six digits to ${email}.</p>`
}
<form method="post" action="${action}">
<button ${sent ? html`class="second"` : ''}>${sent ? 'Send a new code' : 'Send the code'}</button>
</form>`,
  })
}
