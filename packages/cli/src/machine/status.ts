// What `spoq status` tells: all machines in one request; of a named one, or on a machine itself, its Conductor too.

import { call } from '@spoq/client/call'
import { listMachines, type Machine } from '@spoq/contracts/machine'
import { SpoqError } from '@spoq/contracts/problem'
import { type ConductorStatus, showStatus } from '@spoq/contracts/status'
import type { Context } from '../context.ts'
import { errorJson } from '../fault.ts'
import { readMarker } from '../marker.ts'
import { ago, listing } from '../output.ts'
import { usesInWords } from '../plan/message-use.ts'
import { backendTarget, machineTarget } from '../target.ts'
import { isAsleep } from './asleep.ts'
import { rememberMachines } from './chosen.ts'
import { findMachine } from './find.ts'
import { machineListing, machineTable } from './show.ts'

interface Status {
  server?: string
  machines?: Machine[]
  machine?: Machine
  /** Null: it does not answer; `problem` says why. */
  conductor?: ConductorStatus | null
  problem?: { code: string; message: string; next: string }
}

/** Asks. A machine that does not answer is part of the status, no error. */
export async function readStatus(context: Context): Promise<Status> {
  const isHere = readMarker(context.setting) !== null && !context.machine && !context.server
  if (isHere) return { conductor: await call(await machineTarget(context), showStatus) }
  const backend = backendTarget(context)
  if (!context.machine) {
    const { machines } = await call(backend, listMachines)
    rememberMachines(context, backend.origin, machines)
    return { server: backend.origin, machines }
  }
  const machine = await findMachine(context, backend)
  // A look at it is no reason to wake it.
  const asked = isAsleep(machine) ? { conductor: null } : await askConductor(context)
  return { server: backend.origin, machine, ...asked }
}

async function askConductor(context: Context): Promise<Pick<Status, 'conductor' | 'problem'>> {
  try {
    return { conductor: await call(await machineTarget(context), showStatus) }
  } catch (error) {
    if (!(error instanceof SpoqError)) throw error
    return { conductor: null, problem: errorJson(error).error }
  }
}

/** The status for a person. */
export function statusLines(context: Context, { machines, machine, conductor, problem }: Status): string {
  if (machines)
    return machines.length > 0 ? machineTable(machines, context.now()) : `No machine yet. Run ${context.bin} provision.`
  return [machine && machineListing(machine), conductor && conductorLines(conductor, context.now()), problem?.message]
    .filter(Boolean)
    .join('\n')
}

const isolations = {
  uid: 'uid: commands run as a user of their own',
  bubblewrap: 'bubblewrap',
  none: 'none: commands always ask',
}
const networks = {
  guarded: "guarded: a cloud's metadata addresses are kept from commands",
  shared: 'shared: commands reach all that the machine reaches',
}

function conductorLines(status: ConductorStatus, now: number): string {
  return listing({
    conductor: `version ${status.version}, started ${ago(status.startedAt, now)}`,
    workspace: status.workspace,
    isolation: isolations[status.isolation],
    network: networks[status.network],
    turns: String(status.turns),
    messages: usesInWords(status.messages),
    memory: `${Math.round(status.memoryBytes / 1e6)} MB`,
  })
}
