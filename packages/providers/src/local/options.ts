/** What the local provider needs to know of the world. */
export interface LocalOptions {
  /** Where the machines' folders stand, one each, named by the machine's id. Made if needed. */
  machinesDir: string
  /** The Node to run, and the Conductor's entry: its source in a checkout, else its bundle. */
  conductor: { node: string; entry: string }
  now: () => number
  /** Where the few variables that a Conductor gets are taken from. Default: this process's. */
  env?: NodeJS.ProcessEnv
  /** How long a Conductor may take to answer, and to end by itself, in ms. Default 30 s and 10 s. */
  patience?: { startMs: number; stopMs: number }
}

/** The options with nothing left open. */
export type Local = Required<LocalOptions>

export function withDefaults(options: LocalOptions): Local {
  return { env: process.env, patience: { startMs: 30_000, stopMs: 10_000 }, ...options }
}
