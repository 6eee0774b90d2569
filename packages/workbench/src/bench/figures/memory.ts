import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Home, startHome } from '../../journey/home.ts'
import type { Figure } from '../figure.ts'

/** Resident memory in MB (10^6 bytes) of what is always on, some seconds after the last request. */
export const memory: Figure[] = [
  {
    id: 'conductor-idle',
    goal: { most: 100 },
    about: 'MB of an idle Conductor',
    measure: () => idle(home => join(home.dataDir, 'machines', home.machine.id)),
  },
  {
    id: 'backend-idle',
    goal: { most: 400 },
    about: 'MB of an idle backend on the embedded database',
    measure: () => idle(home => join(home.dataDir, 'server')),
  },
]

async function idle(folder: (home: Home) => string): Promise<number> {
  const home = await startHome()
  try {
    await sleep(5_000)
    return residentMb(heldBy(folder(home)))
  } finally {
    await home.close()
  }
}

/** The process that holds a folder's lock says who it is. */
const heldBy = (folder: string) => (JSON.parse(readFileSync(join(folder, 'lock.json'), 'utf8')) as { pid: number }).pid

function residentMb(pid: number): number {
  const kb = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return (Number(kb) * 1024) / 1e6
}
