import type { SecurityEvent } from '@spoq/contracts/account'
import { html } from 'hono/html'
import { type Html, page, problem } from './page.ts'

interface Security {
  /** Where the forms of the services are sent. */
  action: string
  /** What one can sign in with beside the password; `since`: connected since then. */
  services: { id: string; name: string; since: string | null }[]
  error?: string
  status?: number
  events: SecurityEvent[]
  /** The pages that turn the second step on and off, and set a new password. */
  totp: string
  password: string
  cookies: string[]
}

/** Lists what happened to an account. */
export function securityPage(shown: Security): Promise<Response> {
  const { events, totp, password, cookies, services, error, status = 200 } = shown
  return page({
    status,
    title: 'Security of your account',
    cookies,
    body: html`${problem(error)}
<p><a href="${totp}">Second step</a> · <a href="${password}">New password</a></p>
${services.map(service => serviceForm(shown.action, service))}
<p>What happened, newest first. Something was not you? Set a new password: it signs everything out.</p>
<ul>
${events.map(
  ({ at, action, address, agent, reason, credential }) =>
    html`<li><b>${words[action] ?? action}</b>${reason ? ` (${reason})` : ''}<br>
<time datetime="${at}">${at.slice(0, 16).replace('T', ' ')} UTC</time>${address ? `, ${address}` : ''}${credential ? `, by ${credential}` : ''}${agent ? html`<br><small>${agent}</small>` : ''}</li>`,
)}
</ul>`,
  })
}

const serviceForm = (action: string, { id, name, since }: Security['services'][number]): Html =>
  html`<form method="post" action="${action}">
<p>${since ? `Connected to ${name} since ${since.slice(0, 10)}.` : `Not connected to ${name}.`}</p>
<input type="hidden" name="service" value="${id}">
<button name="step" value="${since ? 'disconnect' : 'connect'}" class="second">${since ? 'Disconnect' : 'Connect'} ${name}</button>
</form>`

const words: Record<string, string> = {
  'account.sign-in': 'Signed in',
  'account.sign-in-failed': 'A sign-in with a wrong password',
  'account.sign-out': 'Signed out',
  'account.link': 'A way to sign in was connected',
  'account.unlink': 'A way to sign in was disconnected',
  'account.verify': 'E-mail address verified',
  'login.create': 'A computer was signed in',
  'login.revoke': 'A login was ended',
  'password.change': 'Password changed',
  'password.change-failed': 'A change of the password with a wrong one',
  'password.reset': 'Password set anew',
  'token.create': 'A token was made',
  'token.revoke': 'A token was ended',
  'trust.add': 'Jobs of a repository were trusted',
  'trust.remove': 'Jobs of a repository are trusted no more',
  'totp.on': 'Second step turned on',
  'totp.off': 'Second step turned off',
  'totp.recovery': 'A recovery code was used',
}
