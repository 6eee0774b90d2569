// Makes a machine and waits until it can be used.

import { randomUUID } from 'node:crypto'
import { call } from '@spoq/client/call'
import type { Target } from '@spoq/client/target'
import { createMachine, type Machine, machineName, type ProviderName } from '@spoq/contracts/machine'
import { SpoqError } from '@spoq/contracts/problem'
import type { Context } from '../context.ts'
import { startProgress } from '../progress.ts'
import { forgetMachines } from './chosen.ts'
import { waitForState } from './wait.ts'

interface Wanted {
  name?: string | undefined
  provider?: ProviderName | undefined
  /** False: answers as soon as it is wanted. */
  wait: boolean
}

/** Makes a machine. For errors see the route and `waitForState`. */
export async function provision(context: Context, backend: Target, { name, provider, wait }: Wanted): Promise<Machine> {
  checkName(name)
  const body = { ...(name ? { name } : {}), ...(provider ? { provider } : {}) }
  const progress = await startProgress(context)
  try {
    progress.step('Asking for a machine')
    const machine = await call(backend, createMachine, { body, idempotencyKey: randomUUID() })
    forgetMachines(context)
    return wait ? await waitForState(backend, machine, 'running', progress) : machine
  } finally {
    progress.stop()
  }
}

function checkName(name: string | undefined): void {
  const parsed = machineName.safeParse(name ?? 'any')
  if (parsed.success) return
  throw new SpoqError('usage', { message: `--name: ${parsed.error.issues[0]?.message}.`, next: 'Choose another name.' })
}
