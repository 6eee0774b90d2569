// The pages that sessions and portals lead to: what a person sees, with a button for each thing that may happen.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { readForm } from '../http.ts'
import { type Paid, type Paying, pay } from './paying.ts'
import type { World } from './world.ts'

const buttons: readonly Paying[] = ['works', 'card_declined', 'insufficient_funds', 'authentication_required']

export async function servePage(world: World, request: IncomingMessage, response: ServerResponse): Promise<boolean> {
  const url = new URL(request.url ?? '/', 'http://stand-in')
  const session = world.sessions.get(/^\/c\/pay\/(\w+)$/.exec(url.pathname)?.[1] ?? '')
  if (session) {
    if (session.status !== 'open') return html(response, 410, 'This session is over.')
    let told: Paid | '' = ''
    if (request.method === 'POST') {
      const form = await readForm(request)
      const card = buttons.find(one => one === form.get('card'))
      if (!card) return html(response, 400, 'No such card.')
      told = pay(world, session, card, form.get('authenticated') === 'yes')
      if (told === 'complete')
        return away(response, (session.success_url ?? '/').replace('{CHECKOUT_SESSION_ID}', session.id))
    }
    const total = ((session.amount_total ?? 0) / 100).toFixed(2)
    const forms = buttons.map(card => `<button name="card" value="${card}">${card}</button>`).join(' ')
    const back = session.cancel_url ? `<a id="back" href="${escaped(session.cancel_url)}">Back</a>` : ''
    return html(
      response,
      200,
      `<p id="total">${total} ${session.currency ?? ''}</p><p id="told">${told}</p>
       <form method="post">${forms}<label><input type="checkbox" name="authenticated" value="yes"> authenticated</label></form>${back}`,
    )
  }
  const portal = world.portals.get(/^\/p\/session\/(\w+)$/.exec(url.pathname)?.[1] ?? '')
  if (!portal) return false
  return html(response, 200, `<p>The portal.</p><a id="back" href="${escaped(portal.return_url ?? '/')}">Back</a>`)
}

function html(response: ServerResponse, status: number, body: string): true {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' })
  response.end(`<!doctype html><title>Stripe's stand-in</title>${body}`)
  return true
}

function away(response: ServerResponse, location: string): true {
  response.writeHead(303, { location }).end()
  return true
}

const escaped = (text: string) => text.replace(/[&<>"]/g, character => `&#${character.charCodeAt(0)};`)
