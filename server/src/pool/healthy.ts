// Whether the Conductor of a machine on this computer answers.

import { setTimeout as sleep } from 'node:timers/promises'
import { call } from '@spoq/client/call'
import { overSocket } from '@spoq/client/socket'
import { health } from '@spoq/contracts/status'
import type { Resource } from '@spoq/providers'

const patienceMs = 5_000

/** Asked a second time before it is believed to be gone: a computer may be busy. True where nobody here can ask. */
export async function isHealthy({ socket }: Resource): Promise<boolean> {
  if (socket === undefined || (await answers(socket))) return true
  await sleep(1_000)
  return answers(socket)
}

async function answers(socket: string): Promise<boolean> {
  const dispatcher = overSocket(socket)
  const target = { origin: 'http://conductor', dispatcher, unreachable: 'machine_unreachable', now: Date.now } as const
  try {
    await call(target, health, { signal: AbortSignal.timeout(patienceMs) })
    return true
  } catch {
    return false
  } finally {
    await dispatcher.destroy()
  }
}
