import type { Action } from '../plan.ts'
import { type Step, write } from '../step.ts'
import { abandon } from './abandon.ts'
import { adopt } from './adopt.ts'
import { configure } from './configure.ts'
import { create } from './create.ts'
import { fail } from './fail.ts'
import { publish, withdraw } from './publish.ts'
import { removeExtra } from './remove-extra.ts'
import { report } from './report.ts'
import { resume } from './resume.ts'
import { setUp } from './set-up.ts'
import { settle } from './settle.ts'
import { suspend } from './suspend.ts'
import { task } from './task.ts'
import { tell } from './tell.ts'
import { terminate } from './terminate.ts'
import { warm } from './warm.ts'

/** What a plan can have somebody do; waiting and nothing are done by nobody. */
export type Deed = Exclude<Action, { kind: 'none' | 'wait' }>

/** Does what was planned, a file each. */
export async function act(step: Step, deed: Deed): Promise<void> {
  switch (deed.kind) {
    case 'create':
      return create(step)
    case 'adopt':
      return adopt(step, deed)
    case 'configure':
      return configure(step, deed)
    case 'resume':
      return resume(step, deed)
    case 'suspend':
      return suspend(step, deed)
    case 'terminate':
      return terminate(step, deed)
    case 'abandon':
      return abandon(step, deed)
    case 'remove-extra':
      return removeExtra(step, deed)
    case 'settle':
      return settle(step, deed)
    case 'warm':
      return warm(step)
    case 'tell':
      return tell(step, deed)
    case 'set-up':
      return setUp(step, deed)
    case 'show':
      return write(step, { stage: deed.stage })
    case 'publish':
      return publish(step, deed)
    case 'withdraw':
      return withdraw(step, deed)
    case 'task':
      return task(step, deed)
    case 'fail':
      return fail(step, deed)
    case 'report':
      return report(step, deed)
  }
}
