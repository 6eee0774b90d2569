import { textOf } from '../log.ts'
import { healthCheck } from './check.ts'
import type { HealthPorts } from './ports.ts'

type UnlessLocked = (what: string, work: () => Promise<void>) => Promise<unknown>

/** Looks at all machines after each `everyMs`; one backend at a time does. Answers how to end that. */
export function openHealth(ports: HealthPorts, unlessLocked: UnlessLocked, everyMs: number): () => Promise<void> {
  const check = healthCheck(ports)
  let looking: Promise<void> | null = null
  const look = () =>
    unlessLocked('health', check)
      .then(() => {})
      .catch(error => ports.log('error', 'health.failed', { error: textOf(error) }))
      .finally(() => {
        looking = null
      })
  // A look that takes longer is not overtaken by the next.
  const timer = setInterval(() => {
    looking ??= look()
  }, everyMs)
  return async () => {
    clearInterval(timer)
    await looking
  }
}
