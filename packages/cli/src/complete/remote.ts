// Names that only the backend or a machine knows, for a completion: what is remembered, else one quick question.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Target } from '@spoq/client/target'
import type { Context } from '../context.ts'
import { folders } from '../data-dir.ts'
import { ago } from '../output.ts'
import type { Candidate, Source } from './suggest.ts'

/** Nobody waits longer than this for a key to do something. */
const patienceMs = 1_000

/** The values of a source; whatever goes wrong is thrown. */
export async function remoteValues(source: Exclude<Source, 'files' | 'directories'>, context: Context) {
  const signal = AbortSignal.timeout(patienceMs)
  return Promise.race([values[source](context, signal), tooLong(signal)])
}

const values = { machine: machines, session: sessions, run: runs }

async function machines(context: Context, signal: AbortSignal): Promise<Candidate[]> {
  const known = remembered(context) ?? (await listed(context, signal))
  return known.map(({ name, state }) => ({ value: name, about: state }))
}

function remembered({ dataDir, now }: Context): { name: string; state: string }[] | undefined {
  try {
    const { at, machines } = JSON.parse(readFileSync(join(folders.cli(dataDir), 'machines.json'), 'utf8'))
    return now() - at < 5 * 60_000 ? machines : undefined
  } catch {
    return undefined
  }
}

async function listed(context: Context, signal: AbortSignal) {
  const [{ call }, { listMachines }, { backendTarget }] = await Promise.all([
    import('@spoq/client/call'),
    import('@spoq/contracts/machine'),
    import('../target.ts'),
  ])
  return (await call(backendTarget(context), listMachines, { signal })).machines
}

async function sessions(context: Context, signal: AbortSignal): Promise<Candidate[]> {
  const [{ call, target }, { listSessions }] = await Promise.all([
    onMachine(context),
    import('@spoq/contracts/session'),
  ])
  const { sessions } = await call(target, listSessions, { query: { limit: 50 }, signal })
  return sessions.map(({ id, title, updatedAt }) => ({
    value: id,
    about: `${title} (${ago(updatedAt, context.now())})`,
  }))
}

async function runs(context: Context, signal: AbortSignal): Promise<Candidate[]> {
  const [{ call, target }, { listRuns }] = await Promise.all([onMachine(context), import('@spoq/contracts/run')])
  const { runs } = await call(target, listRuns, { query: { limit: 50 }, signal })
  return runs.map(({ id, command, state }) => ({ value: id, about: `${state}: ${command.join(' ')}` }))
}

async function onMachine(context: Context): Promise<{ call: typeof import('@spoq/client/call').call; target: Target }> {
  const [{ call }, { machineTarget }] = await Promise.all([import('@spoq/client/call'), import('../target.ts')])
  return { call, target: await machineTarget(context) }
}

/** A name that resolves slowly or a proxy that hangs listens to no signal. */
function tooLong(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }))
}
