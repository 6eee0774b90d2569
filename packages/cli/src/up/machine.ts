// A machine that can be asked: the one there is, else a new one of the local provider.

import { setTimeout as sleep } from 'node:timers/promises'
import { call } from '@spoq/client/call'
import { listMachines, type Machine, showMachine } from '@spoq/contracts/machine'
import { SpoqError } from '@spoq/contracts/problem'
import { health } from '@spoq/contracts/status'
import type { Context } from '../context.ts'
import { changeMachine } from '../machine/change.ts'
import { pickMachine, rememberMachines } from '../machine/chosen.ts'
import { provision } from '../machine/provision.ts'
import { waitForState } from '../machine/wait.ts'
import { startProgress } from '../progress.ts'
import { backendTarget } from '../target.ts'

const patienceMs = 30_000

/** The machine that is meant, or the oldest; started when it is stopped. It answers when this returns. */
export async function readyMachine(context: Context): Promise<Machine & { endpoint: string }> {
  const backend = backendTarget(context)
  const { machines } = await call(backend, listMachines)
  const machine = await running(context, choose(machines, context.machine))
  const answering = await answers(context, machine)
  rememberMachines(context, backend.origin, (await call(backend, listMachines)).machines)
  return answering
}

function choose(machines: Machine[], named: string | undefined): Machine | undefined {
  if (named === undefined) return machines.at(-1)
  const machine = pickMachine(machines, named)
  if (machine instanceof SpoqError) throw machine
  return machine
}

async function running(context: Context, machine: Machine | undefined): Promise<Machine> {
  const backend = backendTarget(context)
  if (!machine) return provision(context, backend, { provider: 'local', wait: true })
  if (machine.wanted !== 'running' || machine.state === 'failed')
    return changeMachine(context, backend, machine, { verb: 'start', wait: true })
  const progress = await startProgress(context)
  try {
    return await waitForState(backend, machine, 'running', { progress, now: context.now })
  } finally {
    progress.stop()
  }
}

/** A backend that just started may not have seen yet that a Conductor is gone, or moved. */
async function answers(context: Context, machine: Machine): Promise<Machine & { endpoint: string }> {
  const backend = backendTarget(context)
  let now = machine
  for (
    const end = context.now() + patienceMs;
    ;
    now = await call(backend, showMachine, { params: { machine: now.id } })
  ) {
    const { endpoint } = now
    if (endpoint !== null && (await lives(endpoint, context.now))) return { ...now, endpoint }
    if (context.now() > end) throw new SpoqError('machine_unreachable')
    await sleep(200)
  }
}

async function lives(endpoint: string, now: () => number): Promise<boolean> {
  try {
    await call({ origin: endpoint, unreachable: 'machine_unreachable', now }, health)
    return true
  } catch (error) {
    if (error instanceof SpoqError) return false
    throw error
  }
}
