import type { Command } from '@spoq/contracts/run'
import { killGroup } from '@spoq/kit/sandbox'
import { newId } from '../id.ts'
import type { LiveRuns } from './live.ts'
import { recordRun } from './record.ts'
import { spawnRun } from './spawn.ts'
import type { RunStore } from './store.ts'

/**
 * Starts a command; it belongs to the machine and goes on whoever listens.
 * @throws SpoqError `command_not_found`, `invalid_request`, `disk_full`; then nothing runs.
 */
export async function startRun(workspace: string, store: RunStore, runs: LiveRuns, command: Command): Promise<string> {
  const run = newId('run')
  const child = await spawnRun(workspace, run, command)
  try {
    store.start(run, { type: 'run.started', command: command.command, directory: command.directory })
  } catch (error) {
    killGroup(child, 'SIGKILL')
    throw error
  }
  const live = { child, input: { taken: 0, ended: !command.input }, failed: new AbortController() }
  const ended = recordRun(run, live, store).then(() => forget(runs, run))
  runs.set(run, { ...live, ended })
  return run
}

/** One whose end could not be written stays, to say why. */
function forget(runs: LiveRuns, run: string): void {
  if (!runs.get(run)?.failed.signal.aborted) runs.delete(run)
}
