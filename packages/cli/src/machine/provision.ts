// Makes a machine and waits until it can be used. What costs something is told first.

import { randomUUID } from 'node:crypto'
import { call } from '@spoq/client/call'
import type { Target } from '@spoq/client/target'
import { createMachine, type Machine, machineName, type ProviderName } from '@spoq/contracts/machine'
import { SpoqError } from '@spoq/contracts/problem'
import { type Quote, quoteMachine } from '@spoq/contracts/provider'
import type { Confirmed } from '../connection/confirm.ts'
import type { Context } from '../context.ts'
import { accept } from '../policy/accept.ts'
import { startProgress } from '../progress.ts'
import { confirm } from '../terminal.ts'
import { forgetMachines } from './chosen.ts'
import { creditInWords, quoteInWords } from './quote.ts'
import { waitForState } from './wait.ts'

interface Wanted {
  name?: string | undefined
  provider?: ProviderName | undefined
  region?: string | undefined
  size?: string | undefined
  template?: 'spoq' | 'seedbox' | undefined
  /** The version of what has to be accepted that the person has read; else it is shown and asked. */
  acceptPolicy?: string | undefined
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
async function agreed(context: Context, backend: Target, wanted: Wanted) {
  const { provider, region, size, template, yes } = wanted
  const asked = { ...(provider ? { provider } : {}), ...(template ? { template } : {}) }
  const query = { ...asked, ...(region ? { region } : {}), ...(size ? { size } : {}) }
  const quote = await call(backend, quoteMachine, { query })
  const words = quoteInWords(quote, context.now())
  const { usualSeconds } = quote
  if (words === null) return { usualSeconds, ...asked }
  assertEnough(quote)
  if (quote.policy && !quote.policy.isAccepted) await accept(context, backend, quote.policy.name, wanted.acceptPolicy)
  if (!yes && !(await confirm(context.terminal, { message: `${words} Make it?`, flag: '--yes', default: true })))
    throw new SpoqError('interrupted', { message: 'Nothing was made.', next: 'Choose with --region and --size.' })
  const made = { ...asked, usualSeconds, provider: quote.provider }
  if (!quote.place) return made
  const { region: where, size: chosen, price } = quote.place
  return { ...made, region: where, size: chosen.id, centsMonthly: price.centsMonthly }
}

/** Nobody is asked for what would be refused then. */
function assertEnough(quote: Quote): void {
  const { credit } = quote
  if (!credit || credit.missingCents === 0) return
  throw new SpoqError('credit_short', {
    message: `${creditInWords(credit)} It has to be enough for ${credit.needed} days.`,
    next: `Add some: spoq credit top-up ${Math.max(leastTopUp, Math.ceil(credit.missingCents / 100))}.`,
  })
}

/** In dollars. */
const leastTopUp = 5

function checkName(name: string | undefined): void {
  const parsed = machineName.safeParse(name ?? 'any')
  if (parsed.success) return
  throw new SpoqError('usage', { message: `--name: ${parsed.error.issues[0]?.message}.`, next: 'Choose another name.' })
}
