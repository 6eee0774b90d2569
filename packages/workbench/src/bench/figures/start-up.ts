import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bin } from '../../journey/home.ts'
import type { Figure } from '../figure.ts'
import { cpuRatio } from '../process-cost.ts'

const floor = { command: [process.execPath, '-e', '0'] }

/** What a person waits for at every command: the program itself. */
export const startUp: Figure[] = [
  {
    id: 'version',
    goal: { most: 1.2 },
    about: 'CPU of spoq --version / node -e 0',
    measure: () => cpuRatio({ command: [process.execPath, bin, '--version'] }, floor),
  },
  {
    id: 'ask-refused',
    goal: { most: 2.4 },
    about: 'CPU of spoq ask, not signed in / node -e 0',
    measure: () => {
      const environment = { SPOQ_DATA_DIR: mkdtempSync(join(tmpdir(), 'spoq-bench-')) }
      return cpuRatio({ command: [process.execPath, bin, 'ask', 'hello'], environment }, floor)
    },
  },
]
