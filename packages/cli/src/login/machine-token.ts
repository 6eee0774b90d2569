// A token for one machine, had from the login by token exchange (RFC 8693).

import { oauth } from '@spoq/contracts/login'
import { SpoqError } from '@spoq/contracts/problem'
import { isGiven, remembered } from './given.ts'
import { isFresh, locked, loginOf, type MachineToken, machinesName, type Place, readMachineTokens } from './kept.ts'
import { readSettings } from './settings.ts'
import { accessToken } from './tokens.ts'

/**
 * A token that opens one machine. For `refused` and errors see `accessToken`; also `machine_not_found`, and `clock_off`
 * when a machine refused one and the server says why: the clocks differ.
 */
export async function machineToken(place: Place, server: string, machine: string, refused?: string): Promise<string> {
  if (isGiven(place)) return remembered(place, `machine ${machine}`, refused, () => exchange(place, server, machine))
  const { store } = await loginOf(place, server)
  const kept = (await readMachineTokens(store, server))[machine]
  if (kept && isFresh(kept.token, kept.expiresAt, place.now(), refused)) return kept.token
  const { serverTime, ...fresh } = await exchange(place, server, machine)
  if (refused !== undefined) assertClock(server, place.now(), serverTime)
  await locked(place, async () => {
    const others = await readMachineTokens(store, server)
    await store.set(machinesName(server), JSON.stringify({ ...others, [machine]: fresh }))
  })
  return fresh.token
}

async function exchange(
  place: Place,
  server: string,
  machine: string,
  refused?: string,
): Promise<MachineToken & { serverTime: number }> {
  const { discover, expiryOf, inOurWords } = await import('./oauth.ts')
  const client = await import('openid-client')
  const subject = await accessToken(place, server, refused)
  const clientId = clientOf(subject) ?? readSettings(place.dataDir).logins[server]?.clientId ?? oauth.stockClient
  const config = await discover(server, clientId)
  let serverTime = Number.NaN
  config[client.customFetch] = async (url, options) => {
    const response = await fetch(url, options as RequestInit)
    serverTime = Date.parse(response.headers.get('date') ?? '')
    return response
  }
  const parameters = {
    subject_token: subject,
    subject_token_type: oauth.accessTokenType,
    requested_token_type: oauth.accessTokenType,
    audience: machine,
  }
  try {
    const answer = await inOurWords(server, () => client.genericGrantRequest(config, oauth.exchangeGrant, parameters), {
      invalid_target: 'machine_not_found',
      invalid_client: 'login_revoked',
      invalid_grant: 'login_revoked',
    })
    return { token: answer.access_token, expiresAt: expiryOf(answer, place.now()), serverTime }
  } catch (error) {
    // Only the server's clock decides whether a token has expired.
    if (refused === undefined && isRefusal(error) && !isGiven(place)) return exchange(place, server, machine, subject)
    throw error
  }
}

/** A token is exchanged by the client that it was issued to; a personal access token, by any. */
function clientOf(token: string): string | undefined {
  try {
    const { client_id } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
    return typeof client_id === 'string' ? client_id : undefined
  } catch {
    return undefined
  }
}

/** A machine on this computer has this computer's clock: that it is wrong, only the server can tell. */
function assertClock(server: string, now: number, serverTime: number): void {
  const minutes = Math.round((now - serverTime) / 60_000)
  if (Number.isNaN(minutes) || Math.abs(minutes) < 2) return
  throw new SpoqError('clock_off', {
    message: `This computer's clock is ${Math.abs(minutes)} minutes ${minutes > 0 ? 'ahead of' : 'behind'} ${server}.`,
  })
}

const isRefusal = (error: unknown) =>
  error instanceof SpoqError && (error.code === 'token_expired' || error.code === 'token_invalid')
