import { html } from 'hono/html'
import { page, problem } from './page.ts'

interface PasswordForm {
  action: string
  forgot: string
  error?: string
  status?: number
  cookies: string[]
}

/** Asks for the present password and a new one. */
export function passwordPage({ action, forgot, error, status = 200, cookies }: PasswordForm): Promise<Response> {
  return page({
    title: 'Change your password',
    status,
    cookies,
    body: html`${problem(error)}
<form method="post" action="${action}">
<label>Present password <input name="current" type="password" autocomplete="current-password" required maxlength="128"></label>
<label>New password, 8 characters or more
<input name="password" type="password" autocomplete="new-password" required minlength="8" maxlength="128"></label>
<label class="check"><input name="others" type="checkbox" value="end" checked> Sign everything else out</label>
<button>Change the password</button>
</form>
<p><a href="${forgot}">Forgot your password?</a></p>`,
  })
}
