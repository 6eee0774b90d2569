// What the handles that devices came from publish now, held against the devices.

import { call } from '@spoq/client/call'
import type { Target } from '@spoq/client/target'
import { type Device, revokeDevice } from '@spoq/contracts/device'
import { SpoqError } from '@spoq/contracts/problem'
import type { Context } from '../context.ts'
import { chooseSeveral, type Terminal } from '../terminal.ts'
import { addKeys } from './add.ts'
import { keyInWords } from './choose-keys.ts'
import { keysOf } from './fetch-handle.ts'
import type { Found } from './found.ts'

/** One thing that is another by now. */
export type Change = { source: string; profile: string; place: string; fingerprint: string } & (
  | { kind: 'new'; key: Found['keys'][number] }
  | { kind: 'gone'; device: Device }
)

/**
 * Reads each handle once, or that one alone.
 * @throws SpoqError `handle_failed`; `device_not_found` when no device came from the handle.
 */
export async function changesOf(
  context: Context,
  devices: readonly Device[],
  only: string | undefined,
): Promise<Change[]> {
  const meant = devices.filter(({ source }) => source && (only === undefined || source.split(':')[1] === only))
  if (only !== undefined && meant.length === 0)
    throw new SpoqError('device_not_found', { message: `No device came from ${only}.` })
  const changes: Change[] = []
  for (const [source, theirs] of Map.groupBy(meant, one => one.source ?? '')) {
    const [at, handle = ''] = source.split(':')
    const found = await keysOf(context, at === 'github' ? 'github' : 'sshid', handle)
    for (const [profile, there] of Map.groupBy(theirs, one => one.profile))
      changes.push(...compare(source, profile, there, found, devices))
  }
  return changes
}

function compare(
  source: string,
  profile: string,
  there: readonly Device[],
  found: Found,
  all: readonly Device[],
): Change[] {
  const place = `${there[0]?.profileName} on ${there[0]?.machineName}`
  const known = new Set(all.filter(one => one.profile === profile).map(one => one.fingerprint))
  const published = new Set(found.keys.map(({ key }) => key.fingerprint))
  const where = { source, profile, place }
  return [
    ...found.keys
      .filter(({ key }) => !known.has(key.fingerprint))
      .map(key => ({ ...where, kind: 'new' as const, key, fingerprint: key.key.fingerprint })),
    ...there
      .filter(({ fingerprint }) => !published.has(fingerprint))
      .map(device => ({ ...where, kind: 'gone' as const, device, fingerprint: device.fingerprint })),
  ]
}

export const changeInWords = (change: Change): string =>
  change.kind === 'new'
    ? `+ ${keyInWords(change.key.key)}  new at ${change.source}, for ${change.place}`
    : `- ${change.device.name}  ${change.fingerprint}  no longer at ${change.source}, was for ${change.place}`

/** Does one. */
export async function take(backend: Target, change: Change): Promise<void> {
  if (change.kind === 'gone') await call(backend, revokeDevice, { params: { device: change.device.id } })
  else await addKeys(backend, change.profile, [change.key], { source: change.source, isHere: false })
}

/** Which are meant: those that are named, all, or what the person chooses; where nobody can be asked, none. */
export async function chooseChanges(
  terminal: Terminal,
  changes: readonly Change[],
  { all, fingerprints }: { all: boolean; fingerprints: readonly string[] },
): Promise<Change[]> {
  if (all) return [...changes]
  if (fingerprints.length > 0)
    return changes.filter(one =>
      fingerprints.some(named => `SHA256:${named.replace(/^SHA256:/, '')}` === one.fingerprint),
    )
  if (!terminal.interactive || changes.length === 0) return []
  const choices = changes.map((change, at) => ({ name: changeInWords(change), value: String(at) }))
  const chosen = await chooseSeveral(terminal, { message: 'Which of these shall be so?', flag: '--all', choices })
  return changes.filter((_, at) => chosen.includes(String(at)))
}
