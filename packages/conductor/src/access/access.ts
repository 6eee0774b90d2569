// Who may use the machine, by what its backend told last. Tokens are checked by signature alone and live for an hour; what
// ends earlier, of which they came (a login, a personal access token, a trust), is refused because it stands here.

import type { AccessHeld, AccessSnapshot, PushedModelKey } from '@spoq/contracts/access'
import { SpoqError } from '@spoq/contracts/problem'
import type { EdgeCaller } from '../http/token.ts'
import { readAccess, writeAccess } from './file.ts'

export interface Access {
  /**
   * Lets through whom the backend lets. What is refused later, `onChange` is told of.
   * @throws SpoqError `forbidden` for an account that is no member, `login_revoked` for a login that was ended,
   * `token_invalid` for what else was ended.
   */
  assertAllowed(caller: EdgeCaller): void
  held(): Pick<AccessHeld, 'number'>
  /** The gateway that the backend told last; undefined: it told nothing of that. */
  tunnel(): AccessSnapshot['tunnel']
  /** How many messages it may accept, as the backend told it last; undefined: any number. */
  messages(): AccessSnapshot['messages']
  /**
   * Goes by a snapshot from now on, with the account's keys sealed before. The one that is held, sent again, changes nothing.
   * @throws SpoqError `access_outdated` for one that is older.
   */
  take(snapshot: AccessSnapshot): Promise<Pick<AccessHeld, 'number'>>
  /** Has `changed` called after each snapshot that was taken. */
  onChange(changed: () => void): void
}

interface Options {
  folder: string
  /** Who is a member as long as the backend has not said it. */
  members: readonly string[]
  now: () => number
  /** Seals the account's keys for models, whole. */
  keepKeys: (keys: readonly PushedModelKey[]) => Promise<void>
}

/** A token may have been signed a moment after its login ended, and clocks differ. */
const marginMs = 60_000

/** @throws SpoqError `config_invalid` when what was kept is damaged. */
export function openAccess({ folder, members, now, keepKeys }: Options): Access {
  let held = readAccess(folder)
  const changes: (() => void)[] = []
  const isOver = ({ until }: { until: string }) => Date.parse(until) + marginMs <= now()

  function assertAllowed({ account, credential }: EdgeCaller): void {
    if (account === null) return
    if (!(held?.members ?? members).includes(account))
      throw new SpoqError('forbidden', { message: 'The machine is not yours.' })
    if (held?.revoked.some(ended => ended.login === credential && !isOver(ended))) throw new SpoqError('login_revoked')
    if (held?.revokedTokens.some(ended => ended.credential === credential && !isOver(ended))) throw tokenEnded()
  }

  /** One after the other: two that come together would seal the keys of the one and keep the number of the other. */
  let taking: Promise<unknown> = Promise.resolve()
  function take(snapshot: AccessSnapshot): Promise<Pick<AccessHeld, 'number'>> {
    const taken = taking.then(() => takeNext(snapshot))
    taking = taken.catch(() => {})
    return taken
  }

  async function takeNext({ modelKeys, ...snapshot }: AccessSnapshot): Promise<Pick<AccessHeld, 'number'>> {
    const number = held?.number ?? 0
    if (snapshot.number < number)
      throw new SpoqError('access_outdated', { message: `The machine goes by ${number}; this is ${snapshot.number}.` })
    if (snapshot.number === number) return { number }
    // Before the number: what was cut off in between is sent again. In the clear they stand nowhere.
    if (modelKeys) await keepKeys(modelKeys)
    const isNow = (ended: { until: string }) => !isOver(ended)
    const { revoked, revokedTokens } = snapshot
    const tunnel = snapshot.tunnel === undefined ? held?.tunnel : snapshot.tunnel
    const profiles = snapshot.profiles ?? held?.profiles
    const taken = {
      ...snapshot,
      tunnel,
      profiles,
      revoked: revoked.filter(isNow),
      revokedTokens: revokedTokens.filter(isNow),
    }
    writeAccess(folder, taken)
    held = taken
    for (const changed of changes) changed()
    return { number: taken.number }
  }

  return {
    assertAllowed,
    take,
    held: () => ({ number: held?.number ?? 0 }),
    tunnel: () => held?.tunnel,
    messages: () => held?.messages,
    onChange: changed => void changes.push(changed),
  }
}

const tokenEnded = () =>
  new SpoqError('token_invalid', {
    message: 'The access token or the trust that this came of was ended.',
    next: 'Use another: spoq token create.',
  })
