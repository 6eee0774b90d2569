import { homedir } from 'node:os'
import type { Runner, Sandbox } from '@spoq/kit/sandbox'
import { type Logger, stderrLogger } from './http/logger.ts'
import { type Attempts, type Patience, usualAttempts, usualEndpoints } from './model/index.ts'
import { openOwnLog } from './own-log/keep.ts'
import { homesOf } from './permit/index.ts'
import type { Tool } from './tool/index.ts'

/** What a Conductor can be started with. Beside the folder, everything has a default, and only tests say otherwise. */
export interface ConductorOptions {
  /** The machine's folder, with its `conductor.json`. */
  folder: string
  now?: () => number
  logger?: Logger
  sandbox?: Sandbox
  /** Starts commands as another user, where the machine is set up for that. */
  runner?: Runner
  /** Replaces the machine's own tools. */
  tools?: readonly Tool[]
  /** Addresses on this machine where a model server may listen. */
  endpoints?: readonly string[]
  /** How long the asking computer may take for an answer, in ms. */
  clientPatienceMs?: number
  /** Times that a failed model call is repeated. */
  retries?: number
  /** How the pauses between such tries pass. */
  attempts?: Omit<Attempts, 'retries'>
  /** How long a model may be silent. */
  patience?: Patience
  /** Between two words of the demo model, in ms. */
  demoPaceMs?: number
  /** The program that serves SSH; left out: this computer's sshd. */
  sshd?: string
  /** Home folders of this computer. */
  homes?: readonly string[]
  /** Most pages that the log may have; for trying what a full disk does. */
  maxPages?: number
}

/** The options, with the defaults for those that were not given; no sandbox means to look for one. */
export type Settings = ReturnType<typeof settingsOf>

export function settingsOf(options: ConductorOptions) {
  const now = options.now ?? Date.now
  const told = options.logger ?? stderrLogger(now)
  const ownLog = openOwnLog(options.folder, now)
  const logger: Logger = entry => {
    told(entry)
    ownLog.write(entry)
  }
  return {
    now,
    endpoints: usualEndpoints as readonly string[],
    clientPatienceMs: 30_000,
    retries: usualAttempts.retries,
    attempts: usualAttempts as Omit<Attempts, 'retries'>,
    patience: { firstByteMs: 120_000, betweenBytesMs: 60_000 },
    demoPaceMs: 10,
    homes: homesOf(homedir),
    ...options,
    logger,
    /** What is told to the logger, for the owner to read. */
    ownLog,
  }
}
