// The keys that there are for models: the account's as the backend has them, the machine's as far as it answers.

import { call } from '@spoq/client/call'
import { listModels, type ShownKey } from '@spoq/contracts/model'
import { type AccountModelKey, listAccountModelKeys } from '@spoq/contracts/model-key'
import { SpoqError } from '@spoq/contracts/problem'
import type { Context } from '../context.ts'
import { readMarker } from '../marker.ts'
import { ago, table } from '../output.ts'
import { oneLine } from '../render/visible.ts'
import { backendTarget, machineTarget } from '../target.ts'

export interface KeysFound {
  /** Null on a machine itself, where nobody is signed in. */
  account: AccountModelKey[] | null
  /** The machine's own, and those of the account that it knows. Null when it does not answer. */
  machine: ShownKey[] | null
  /** Why not. */
  away: string | null
}

const patienceMs = 5_000

/** @throws SpoqError `not_signed_in`, or what the backend answers. */
export async function findKeys(context: Context): Promise<KeysFound> {
  const account = await ofAccount(context)
  const signal = AbortSignal.timeout(patienceMs)
  try {
    const { keys } = await call(await machineTarget(context), listModels, { signal })
    return { account, machine: keys, away: null }
  } catch (error) {
    if (account === null || !(error instanceof SpoqError || signal.aborted)) throw error
    return { account, machine: null, away: signal.aborted ? 'The machine does not answer.' : (error as Error).message }
  }
}

/** On a machine itself one need not be signed in: it knows the account's keys too. */
async function ofAccount(context: Context): Promise<AccountModelKey[] | null> {
  try {
    return (await call(backendTarget(context), listAccountModelKeys)).keys
  } catch (error) {
    const here = readMarker(context.setting) && !context.machine && !context.server
    if (here && error instanceof SpoqError) return null
    throw error
  }
}

/** A line a key: where it comes from, and whether it is used. */
export function keyLines({ account, machine }: KeysFound, { bin, now }: Pick<Context, 'bin' | 'now'>): string {
  const known = machine ?? []
  const fromAccount = account
    ? account.map(key => [key.masked, key.vendor, oneLine(key.url), 'account', stateOf(key, machine, now())])
    : known.filter(({ from }) => from === 'account').map(key => rowOf(key))
  const rows = [...known.filter(({ from }) => from === 'machine').map(key => rowOf(key)), ...fromAccount]
  if (rows.length > 0) return table(['KEY', 'OF', 'FOR', 'FROM', 'STATE'], rows)
  return `No key yet. Give one: ${bin} model key set VENDOR; for all your machines: ${bin} model key set VENDOR --account.`
}

const rowOf = ({ masked, vendor, url, from, used }: ShownKey) => [masked, vendor, oneLine(url), from, useOf(used)]
const useOf = (used: boolean) => (used ? 'used' : 'not used: the machine has its own key or address')

function stateOf({ vendor, masked, url, checkedAt }: AccountModelKey, machine: ShownKey[] | null, now: number): string {
  const checked = checkedAt ? `checked ${ago(checkedAt, now)}` : 'not checked'
  if (machine === null) return checked
  const there = machine.find(
    key => key.from === 'account' && key.vendor === vendor && key.masked === masked && key.url === url,
  )
  return `${there ? useOf(there.used) : 'not on the machine yet'}, ${checked}`
}
