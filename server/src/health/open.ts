import { type Repeated, repeat } from '../repeat.ts'
import { healthCheck } from './check.ts'
import type { HealthPorts } from './ports.ts'

type UnlessLocked = (what: string, work: () => Promise<void>) => Promise<unknown>

/** Looks at all machines after each `everyMs`; one backend at a time does. */
export function openHealth(ports: HealthPorts, unlessLocked: UnlessLocked, everyMs: number): Repeated {
  const check = healthCheck(ports)
  return repeat({ name: 'health', everyMs, log: ports.log }, () => unlessLocked('health', check))
}
