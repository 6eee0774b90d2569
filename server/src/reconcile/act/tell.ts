import { textOf } from '../../log.ts'
import { type Step, write } from '../step.ts'
import { settle } from './settle.ts'
import { warm } from './warm.ts'

/**
 * Tells the machine who may use it; only then it is said to run. When it does not answer nothing is lost: it is told again,
 * with growing pauses, for as long as it is to run.
 */
export async function tell(step: Step, { endpoint, at }: { endpoint: string | null; at: string }): Promise<void> {
  const { access, row, log } = step
  try {
    await access?.tell(row, at)
  } catch (error) {
    log('warn', 'machine.untold', { machine: row.id, error: textOf(error) })
    if (row.state !== 'running' && row.stage !== waiting) await write(step, { stage: waiting })
    return
  }
  if (row.account_id === null) await warm(step)
  else if (row.state !== 'running') await settle(step, { to: 'running', endpoint })
}

const waiting = 'waiting for its Conductor to answer'
