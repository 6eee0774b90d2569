// Runs that an earlier Conductor was killed under. Their output goes nowhere any more, so they are ended, and told so.

import { readdir, readFile } from 'node:fs/promises'
import { runVariable } from './spawn.ts'
import type { RunStore } from './store.ts'

/**
 * Ends the runs that stand in the log without an end; to be called before the first new one. What is left of them is
 * found by the run's id in its environment, where the system shows that (Linux); a pid alone would prove nothing.
 */
export async function endLostRuns(store: RunStore): Promise<void> {
  const lost = store.open()
  if (lost.length === 0) return
  await killLeftovers(new Set(lost))
  for (const run of lost) store.end(run, [{ type: 'run.ended', status: null, signal: 'SIGKILL', lost: true }])
}

async function killLeftovers(runs: ReadonlySet<string>): Promise<void> {
  const entries = await readdir('/proc').catch(() => [])
  for (const pid of entries.filter(name => /^\d+$/.test(name))) if (runs.has(await runOf(pid))) kill(Number(pid))
}

/** The run that a process belongs to; '' for none, and for processes of others. */
async function runOf(pid: string): Promise<string> {
  const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '')
  const variable = environment.split('\0').find(one => one.startsWith(`${runVariable}=`))
  return variable?.slice(runVariable.length + 1) ?? ''
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended by itself meanwhile.
  }
}
