// One machine is asked whether it lives, where it is reached.

import { call } from '@spoq/client/call'
import { atConductor } from '@spoq/client/conductor'
import { SpoqError } from '@spoq/contracts/problem'
import { health } from '@spoq/contracts/status'
import { reachedAt } from '../access/reached-at.ts'
import type { MachineRow } from '../db/tables.ts'
import type { MachinePorts } from '../machine/ports.ts'
import type { Outcome } from './health.ts'

/** Faults of our own network and DNS: of the machine they say nothing. */
const ours = ['ENOTFOUND', 'EAI_AGAIN', 'ENETUNREACH', 'ENETDOWN', 'EHOSTUNREACH', 'EADDRNOTAVAIL', 'EMFILE', 'ENFILE']

/** Asks at the machine's address, or on its socket where it has none. */
export function openProbe(
  { providers }: Pick<MachinePorts, 'providers'>,
  patienceMs = 10_000,
): (row: MachineRow) => Promise<Outcome> {
  return async row => {
    try {
      const endpoint = await reachedAt(providers, row)
      return endpoint === null ? { kind: 'failed', reason: 'It has no address.' } : await ask(endpoint, patienceMs)
    } catch (error) {
      return outcomeOf(error)
    }
  }
}

async function ask(endpoint: string, patienceMs: number): Promise<Outcome> {
  const signal = AbortSignal.timeout(patienceMs)
  try {
    await atConductor(endpoint, { now: Date.now }, target => call(target, health, { signal }))
    return { kind: 'ok' }
  } catch (error) {
    if (signal.aborted) return { kind: 'failed', reason: 'It does not answer in time.' }
    return outcomeOf(error)
  }
}

function outcomeOf(error: unknown): Outcome {
  const code = codeOf(error)
  if (code && ours.includes(code)) return { kind: 'ours', reason: `It cannot be asked from here (${code}).` }
  const message = error instanceof SpoqError ? error.message : 'It cannot be reached.'
  return { kind: 'failed', reason: code ? `${message} (${code})` : message }
}

/** The system's code, however deep it stands. */
function codeOf(error: unknown): string | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    const { code } = at as NodeJS.ErrnoException
    if (code && /^E[A-Z_]+$/.test(code)) return code
  }
  return undefined
}
