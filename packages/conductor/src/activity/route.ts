import { sleepMachine } from '@spoq/contracts/access'
import type { Serve } from '../http/serve.ts'
import type { Activity } from './activity.ts'

/** Binds what the backend alone may call. */
export function activityRoutes(serve: Serve, activity: Activity): void {
  serve(sleepMachine, ({ body }) => {
    const { asleep, activeAt } = activity.sleep(body.idleMs)
    return { asleep, activeAt: new Date(activeAt).toISOString() }
  })
}
