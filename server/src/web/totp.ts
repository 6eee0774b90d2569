import { html, raw } from 'hono/html'
import { page, problem } from './page.ts'

interface Asked {
  action: string
  error?: string
  status?: number
}

/** Asks for the code that follows the password. */
export function secondStepPage({ action, next, error, status = 200 }: Asked & { next: string }): Promise<Response> {
  return page({
    title: 'One more step',
    status,
    body: html`${problem(error)}
<form method="post" action="${action}">
<input type="hidden" name="next" value="${next}">
<label>The code that your app shows, or a recovery code
<input name="code" autocomplete="one-time-code" autocapitalize="off" spellcheck="false" required maxlength="32"></label>
<button>Go on</button>
</form>`,
  })
}

/** Says whether the second step is on, and offers to change it. */
export function totpBeginPage(form: Asked & { on: boolean; cookies: string[] }): Promise<Response> {
  return page({
    title: form.on ? 'The second step is on' : 'Add a second step',
    status: form.status ?? 200,
    cookies: form.cookies,
    body: html`${problem(form.error)}
<p>${
      form.on
        ? 'Signing in asks for a code of your app after the password.'
        : 'Signing in will ask for a code of an authenticator app after the password.'
    }</p>
<form method="post" action="${form.action}">
<label>Your password <input name="password" type="password" autocomplete="current-password" required maxlength="128"></label>
<button name="step" value="${form.on ? 'off' : 'begin'}">${form.on ? 'Turn it off' : 'Go on'}</button>
</form>`,
  })
}

/** Shows what the app needs and the recovery codes, this once, and asks for the first code. */
export function totpConfirmPage(form: Asked & { uri?: string; codes?: string[] }): Promise<Response> {
  const secret = form.uri ? (new URL(form.uri).searchParams.get('secret') ?? '') : ''
  return page({
    title: 'Add it to your app',
    status: form.status ?? 200,
    body: html`${problem(form.error)}
${
  form.uri
    ? html`<p>Type this key into your authenticator app, or <a href="${form.uri}">open it there</a>:</p>
<p class="code">${secret.replace(/(.{4})(?=.)/g, '$1 ')}</p>
<p>Keep these recovery codes where you keep papers. Each signs you in once without the app, and they are not shown again:</p>
<pre>${raw((form.codes ?? []).join('\n'))}</pre>`
    : ''
}
<form method="post" action="${form.action}">
<label>The code that the app shows now
<input name="code" inputmode="numeric" autocomplete="one-time-code" required maxlength="7"></label>
<button name="step" value="confirm">Turn it on</button>
</form>`,
  })
}
