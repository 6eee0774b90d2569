// Makes a machine and waits until it can be used. What costs something is told first.

import { randomUUID } from 'node:crypto'
import { call } from '@spoq/client/call'
import type { Target } from '@spoq/client/target'
import { createMachine, type Machine, machineName, type ProviderName } from '@spoq/contracts/machine'
import { SpoqError } from '@spoq/contracts/problem'
import { quoteMachine } from '@spoq/contracts/provider'
import type { Confirmed } from '../connection/confirm.ts'
import type { Context } from '../context.ts'
import { startProgress } from '../progress.ts'
import { confirm } from '../terminal.ts'
import { forgetMachines } from './chosen.ts'
import { quoteInWords } from './quote.ts'
import { waitForState } from './wait.ts'

interface Wanted {
  name?: string | undefined
  provider?: ProviderName | undefined
  region?: string | undefined
  size?: string | undefined
  /** A server of the person's own, confirmed. */
  server?: Confirmed
  /** True: the price is not asked about. */
  yes?: boolean
  /** False: answers as soon as it is wanted. */
  wait: boolean
}

/** Makes a machine. For errors see the routes and `waitForState`. */
export async function provision(context: Context, backend: Target, wanted: Wanted): Promise<Machine> {
  const { name, wait } = wanted
  checkName(name)
  const { usualSeconds, ...place } = await agreed(context, backend, wanted)
  const body = { ...(name ? { name } : {}), ...place, ...wanted.server }
  const progress = await startProgress(context)
  try {
    progress.step('Asking for a machine')
    const machine = await call(backend, createMachine, { body, idempotencyKey: randomUUID() })
    forgetMachines(context)
    return wait
      ? await waitForState(backend, machine, 'running', { progress, now: context.now, usualSeconds })
      : machine
  } finally {
    progress.stop()
  }
}

/** What is to be made, with the price that the person knows of: should it be another by then, nothing is made. */
async function agreed(context: Context, backend: Target, { provider, region, size, yes }: Wanted) {
  const query = { ...(provider ? { provider } : {}), ...(region ? { region } : {}), ...(size ? { size } : {}) }
  const quote = await call(backend, quoteMachine, { query })
  const words = quoteInWords(quote, context.now())
  const { usualSeconds } = quote
  if (!quote.place || words === null) return { usualSeconds, ...(provider ? { provider } : {}) }
  if (!yes && !(await confirm(context.terminal, { message: `${words} Make it?`, flag: '--yes', default: true })))
    throw new SpoqError('interrupted', { message: 'Nothing was made.', next: 'Choose with --region and --size.' })
  const { region: where, size: chosen, price } = quote.place
  const { centsMonthly } = price
  return { usualSeconds, provider: quote.provider, region: where, size: chosen.id, centsMonthly }
}

function checkName(name: string | undefined): void {
  const parsed = machineName.safeParse(name ?? 'any')
  if (parsed.success) return
  throw new SpoqError('usage', { message: `--name: ${parsed.error.issues[0]?.message}.`, next: 'Choose another name.' })
}
