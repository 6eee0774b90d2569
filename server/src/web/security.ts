import type { SecurityEvent } from '@spoq/contracts/account'
import { html } from 'hono/html'
import { page } from './page.ts'

interface Security {
  events: SecurityEvent[]
  /** The pages that turn the second step on and off, and set a new password. */
  totp: string
  forgot: string
  cookies: string[]
}

/** Lists what happened to an account. */
export function securityPage({ events, totp, forgot, cookies }: Security): Promise<Response> {
  return page({
    title: 'Security of your account',
    cookies,
    body: html`<p><a href="${totp}">Second step</a> · <a href="${forgot}">New password</a></p>
<p>What happened, newest first. Something was not you? Set a new password: it signs everything out.</p>
<ul>
${events.map(
  ({ at, action, address, agent, reason }) =>
    html`<li><b>${words[action] ?? action}</b>${reason ? ` (${reason})` : ''}<br>
<time datetime="${at}">${at.slice(0, 16).replace('T', ' ')} UTC</time>${address ? `, ${address}` : ''}${agent ? html`<br><small>${agent}</small>` : ''}</li>`,
)}
</ul>`,
  })
}

const words: Record<string, string> = {
  'account.sign-in': 'Signed in',
  'account.sign-in-failed': 'A sign-in with a wrong password',
  'account.sign-out': 'Signed out',
  'account.verify': 'E-mail address verified',
  'login.create': 'A computer was signed in',
  'login.revoke': 'A login was ended',
  'password.reset': 'Password set anew',
  'totp.on': 'Second step turned on',
  'totp.off': 'Second step turned off',
  'totp.recovery': 'A recovery code was used',
}
