import { type Repeated, repeat } from '../repeat.ts'
import { lookAtEndings } from './look.ts'
import type { EndingPorts } from './ports.ts'

type UnlessLocked = (what: string, work: () => Promise<void>) => Promise<unknown>

/** Looks at the machines that end, now and after each `everyMs`; one backend at a time does. */
export function openEndings(ports: EndingPorts, unlessLocked: UnlessLocked, everyMs: number): Repeated {
  const looks = repeat({ name: 'ending', everyMs, log: ports.log }, isOver =>
    unlessLocked('ending', () => lookAtEndings(ports, isOver)),
  )
  looks.wake()
  return looks
}
