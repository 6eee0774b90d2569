import type { ConductorConfig } from '@spoq/contracts/machine'

/** How much of the runs' output is kept. */
export interface RunLimits {
  /** Of one run, in bytes. */
  mostBytes: number
  /** Of all runs that have ended, in bytes. */
  keptBytes: number
  /** After their end, in days. */
  keptDays: number
}

/** The limits of `conductor.json`, with the defaults for those that it leaves out. */
export function runLimits({ runs = {} }: Pick<ConductorConfig, 'runs'> = {}): RunLimits {
  const { mostBytes = 16 << 20, keptBytes = 256 << 20, keptDays = 14 } = runs
  return { mostBytes, keptBytes, keptDays }
}
