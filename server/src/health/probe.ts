// One machine is asked whether it lives, where it is reached.

import { call } from '@spoq/client/call'
import { overSocket } from '@spoq/client/socket'
import { SpoqError } from '@spoq/contracts/problem'
import { health } from '@spoq/contracts/status'
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
      const socket = row.endpoint === null ? await socketOf(row) : null
      if (row.endpoint === null && socket === null) return { kind: 'failed', reason: 'It has no address.' }
      return await ask(row.endpoint ?? 'http://conductor', socket, patienceMs)
    } catch (error) {
      return outcomeOf(error)
    }
  }

  async function socketOf({ provider, provider_ref }: MachineRow): Promise<string | null> {
    const resource = provider_ref === null ? null : await providers.get(provider)?.status(provider_ref)
    return resource?.socket ?? null
  }
}

async function ask(origin: string, socket: string | null, patienceMs: number): Promise<Outcome> {
  const dispatcher = socket === null ? undefined : overSocket(socket)
  const signal = AbortSignal.timeout(patienceMs)
  const target = {
    origin,
    ...(dispatcher && { dispatcher }),
    unreachable: 'machine_unreachable',
    now: Date.now,
  } as const
  try {
    await call(target, health, { signal })
    return { kind: 'ok' }
  } catch (error) {
    if (signal.aborted) return { kind: 'failed', reason: 'It does not answer in time.' }
    return outcomeOf(error)
  } finally {
    await dispatcher?.destroy()
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
