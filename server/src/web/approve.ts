import { html } from 'hono/html'
import { page } from './page.ts'

/** A device, by the name that it gave itself, or somebody who wants in to a machine over SSH. */
type What = { kind: 'device'; device: string } | { kind: 'ssh'; machine: string; profile: string | null }

type Waiting = What & {
  action: string
  code: string
  /** The account that would be signed in there. */
  email: string
  /** Where the request for the code came from, and where this browser is. */
  address: string
  browserAddress: string
  minutesAgo: number
  /** Set-Cookie lines. */
  cookies: string[]
}

/** Shows what waits for approval. Nothing is decided until a button is pressed. */
export function approvePage(waiting: Waiting): Promise<Response> {
  const elsewhere = waiting.address !== waiting.browserAddress
  return page({
    title: waiting.kind === 'ssh' ? 'Let somebody in over SSH?' : 'Sign in a device?',
    cookies: waiting.cookies,
    body: html`${
      waiting.kind === 'ssh'
        ? html`<p><strong>SSH sign-in to machine ${nameOf(waiting)} from ${waiting.address}</strong></p>`
        : ''
    }
<p>Approve only if you started this yourself just now, and your ${waiting.kind === 'ssh' ? 'terminal' : 'device'} shows the same words:</p>
<p class="code">${waiting.code}</p>
<dl>
${
  waiting.kind === 'ssh'
    ? html`<dt>Machine</dt><dd>${nameOf(waiting)}</dd>`
    : html`<dt>Device</dt><dd>${waiting.device}</dd>`
}
<dt>Its address</dt><dd>${waiting.address}</dd>
<dt>Asked</dt><dd>${waiting.minutesAgo === 0 ? 'just now' : `${waiting.minutesAgo} min ago`}</dd>
<dt>Account</dt><dd>${waiting.email}</dd>
</dl>
${
  elsewhere
    ? html`<p class="note warn" role="alert">The ${waiting.kind === 'ssh' ? 'terminal' : 'device'} is on another network than this browser (${waiting.browserAddress}).
If somebody sent you this link or these words, deny it.</p>`
    : ''
}
<form method="post" action="${waiting.action}">
<input type="hidden" name="code" value="${waiting.code}">
<button name="decision" value="approve">Approve</button>
<button name="decision" value="deny" class="second">Deny</button>
</form>`,
  })
}

const nameOf = ({ machine, profile }: Extract<What, { kind: 'ssh' }>) =>
  profile === null ? machine : `${machine}, as ${profile}`

interface Consent {
  action: string
  /** The signed request that better-auth sent the browser here with. */
  query: string
  device: string
  email: string
  /** Where the browser will be sent. */
  redirect: URL
  /** Set-Cookie lines. */
  cookies: string[]
}

/** The same question for a sign-in that began in this very browser (loopback redirect). */
export function consentPage(consent: Consent): Promise<Response> {
  return page({
    title: 'Sign in this computer?',
    formTo: sourceOf(consent.redirect),
    cookies: consent.cookies,
    body: html`<p>Approve only if you started this yourself just now, on this computer.</p>
<dl>
<dt>Device</dt><dd>${consent.device}</dd>
<dt>Answers at</dt><dd>${consent.redirect.host}</dd>
<dt>Account</dt><dd>${consent.email}</dd>
</dl>
<form method="post" action="${consent.action}">
<input type="hidden" name="query" value="${consent.query}">
<button name="decision" value="approve">Approve</button>
<button name="decision" value="deny" class="second">Deny</button>
</form>`,
  })
}

/** An address as a content security policy names it: it has no words for one of IPv6, so that its scheme must do. */
const sourceOf = ({ origin }: URL) => (/^http:\/\/[\w.-]+(:\d+)?$/.test(origin) ? origin : 'http:')

/** Asks for the words, where the link did not carry them. */
export function enterCodePage({ action, cookies }: { action: string; cookies: string[] }): Promise<Response> {
  return page({
    title: 'Sign in a device',
    cookies,
    body: html`<form method="get" action="${action}">
<label>The three words that your device shows
<input name="code" autocomplete="off" autocapitalize="characters" spellcheck="false" required maxlength="64"></label>
<button>Go on</button>
</form>`,
  })
}
