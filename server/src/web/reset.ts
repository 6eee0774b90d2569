import { html } from 'hono/html'
import { page, problem } from './page.ts'

/** Asks whose password is forgotten. */
export function forgotPage({ action }: { action: string }): Promise<Response> {
  return page({
    title: 'Forgot your password?',
    body: html`<form method="post" action="${action}">
<label>E-mail <input name="email" type="email" autocomplete="username" required></label>
<button>Send me a link</button>
</form>`,
  })
}

interface ResetForm {
  action: string
  token: string
  error?: string
  status?: number
}

/** Asks for a new password. */
export function resetPage({ action, token, error, status = 200 }: ResetForm): Promise<Response> {
  return page({
    title: 'Set a new password',
    status,
    body: html`${problem(error)}
<form method="post" action="${action}">
<input type="hidden" name="token" value="${token}">
<label>New password, 8 characters or more
<input name="password" type="password" autocomplete="new-password" required minlength="8" maxlength="128"></label>
<button>Set the password</button>
</form>
<p>Everything that is signed in now will be signed out. Tokens, trusted jobs and connected services end as well.</p>`,
  })
}
