import { type ConductorStatus, health, showStatus, shutdown } from '@spoq/contracts/status'
import type { Serve } from '../http/serve.ts'

interface Options {
  status: () => ConductorStatus
  /** Begins the end; the answer to who asked still goes out. */
  stop: () => void
}

/** Binds what tells of the Conductor itself. */
export function statusRoutes(serve: Serve, { status, stop }: Options): void {
  serve(health, () => ({ status: 'ok' as const }))
  serve(showStatus, () => status())
  serve(shutdown, () => {
    setImmediate(stop)
  })
}
