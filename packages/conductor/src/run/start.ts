import { SpoqError } from '@spoq/contracts/problem'
import type { Command } from '@spoq/contracts/run'
import { killGroup } from '@spoq/kit/sandbox'
import { newId } from '../id.ts'
import type { RunLimits } from './limits.ts'
import type { LiveRuns } from './live.ts'
import { capOutput, pruneRuns } from './prune.ts'
import { recordRun } from './record.ts'
import { spawnRun } from './spawn.ts'
import type { RunStore } from './store.ts'

interface Place {
  /** Where commands run: its real path. */
  workspace: string
  store: RunStore
  runs: LiveRuns
  limits: RunLimits
  now: () => number
}

/**
 * Starts a command; it belongs to the machine and goes on whoever listens.
 * @throws SpoqError `command_not_found`, `invalid_request`, `disk_full`; then nothing runs.
 */
export async function startRun(place: Place, command: Command): Promise<string> {
  const { workspace, store, runs, limits } = place
  const run = newId('run')
  const child = await spawnRun(workspace, run, command)
  try {
    store.start(run, { type: 'run.started', command: command.command, directory: command.directory })
  } catch (error) {
    killGroup(child, 'SIGKILL')
    throw error
  }
  const live = { child, input: { taken: 0, ended: !command.input }, failed: new AbortController() }
  const cap = command.detached ? () => capOutput(store, run, limits) : () => {}
  const ended = recordRun(run, live, store, cap).then(() => {
    forget(runs, run)
    prune(place)
  })
  runs.set(run, { ...live, ended })
  return run
}

/** One whose end could not be written stays, to say why. */
function forget(runs: LiveRuns, run: string): void {
  if (!runs.get(run)?.failed.signal.aborted) runs.delete(run)
}

/** Without room for it nothing is removed; the next end, or the next start, tries again. */
function prune({ store, limits, now }: Place): void {
  try {
    pruneRuns(store, limits, now())
  } catch (error) {
    if (!(error instanceof SpoqError)) throw error
  }
}
