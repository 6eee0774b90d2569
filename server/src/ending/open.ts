import { textOf } from '../log.ts'
import { lookAtEndings } from './look.ts'
import type { EndingPorts } from './ports.ts'

export interface Endings {
  /** Ends after what is being done. */
  stop(): Promise<void>
}

type UnlessLocked = (what: string, work: () => Promise<void>) => Promise<unknown>

/** Looks at the machines that end, now and after each `everyMs`; one backend at a time does. */
export function openEndings(ports: EndingPorts, unlessLocked: UnlessLocked, everyMs: number): Endings {
  let stopped = false
  let looking = Promise.resolve()
  const look = () => {
    looking = looking
      .then(async () => {
        if (!stopped) await unlessLocked('ending', () => lookAtEndings(ports, () => stopped))
      })
      .catch(error => ports.log('error', 'ending.look-failed', { error: textOf(error) }))
  }
  const timer = setInterval(look, everyMs)
  look()
  return {
    async stop() {
      stopped = true
      clearInterval(timer)
      await looking
    },
  }
}
