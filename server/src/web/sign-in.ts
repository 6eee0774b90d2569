import { html } from 'hono/html'
import { type Html, page, problem } from './page.ts'

export interface SignForm {
  /** Where the form is sent. */
  action: string
  /** A path of ours to go to afterwards. */
  next: string
  /** The other of the two pages: sign up instead of in, or the other way. */
  other: string
  /** Where a forgotten password is asked for. */
  forgot?: string
  /** Other ways in, as links. */
  services?: { name: string; href: string }[]
  cookies?: string[]
  /** What the person typed before, and what was wrong with it. */
  email?: string
  name?: string
  error?: string
  status?: number
}

/** Asks for e-mail and password. */
export function signInPage(form: SignForm): Promise<Response> {
  return page({
    title: 'Sign in',
    ...(form.status ? { status: form.status } : {}),
    cookies: form.cookies ?? [],
    body: html`${problem(form.error)}
<form method="post" action="${form.action}">
<input type="hidden" name="next" value="${form.next}">
${emailField(form.email)}
<label>Password <input name="password" type="password" autocomplete="current-password" required maxlength="128"></label>
<button>Sign in</button>
</form>
${serviceLinks(form)}
${form.forgot ? html`<p><a href="${form.forgot}">Forgot your password?</a></p>` : ''}
<p>No account yet? <a href="${form.other}">Sign up</a></p>`,
  })
}

/** Asks for what an account needs. */
export function signUpPage(form: SignForm): Promise<Response> {
  return page({
    title: 'Sign up',
    ...(form.status ? { status: form.status } : {}),
    body: html`${problem(form.error)}
<form method="post" action="${form.action}">
<input type="hidden" name="next" value="${form.next}">
<label>Name <input name="name" autocomplete="name" required maxlength="100" value="${form.name ?? ''}"></label>
${emailField(form.email)}
<label>Password, 8 characters or more
<input name="password" type="password" autocomplete="new-password" required minlength="8" maxlength="128"></label>
<button>Sign up</button>
</form>
${serviceLinks(form)}
<p>You have an account? <a href="${form.other}">Sign in</a></p>`,
  })
}

const serviceLinks = ({ services = [] }: SignForm): Html[] =>
  services.map(({ name, href }) => html`<p><a class="button" href="${href}">Go on with ${name}</a></p>`)

const emailField = (email = ''): Html =>
  html`<label>E-mail <input name="email" type="email" autocomplete="username" required value="${email}"></label>`
