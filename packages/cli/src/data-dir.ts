// Where this computer keeps what belongs to Spoq.

import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Setting } from './context.ts'

/** `~/.spoq`, or SPOQ_DATA_DIR; absolute, not made yet. */
export function dataDirectory(setting: Setting): string {
  return resolve(setting('DATA_DIR') ?? defaultDataDirectory())
}

export const defaultDataDirectory = () => join(homedir(), '.spoq')

/** The parts of a data folder. */
export const folders = {
  /** The command line: its settings and its credentials. */
  cli: (dataDir: string) => join(dataDir, 'cli'),
  /** A backend on this computer. */
  server: (dataDir: string) => join(dataDir, 'server'),
}
