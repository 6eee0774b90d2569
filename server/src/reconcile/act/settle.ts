import type { MachineState } from '@spoq/contracts/machine'
import { type Step, write, writeState } from '../step.ts'

export const clean = { stage: null, attempts: 0, next_attempt_at: null, error_code: null, error_message: null }

/** The machine is as it should be: the row says so. */
export async function settle(
  step: Step,
  { to, endpoint, reason }: { to: MachineState; endpoint: string | null; reason?: string },
): Promise<void> {
  const gone = to === 'terminated' ? { provider_ref: null, issuer: null, create_sent_at: null } : {}
  // What was left behind is said for ever.
  const left = to === 'terminated' && step.row.error_code === 'server_not_cleaned'
  const { error_code, error_message } = left ? step.row : clean
  // A server says by its set-up whose tokens it takes.
  const isServer = (step.provider.capabilities.setUp ?? 'none') !== 'none'
  const ours = to === 'running' && isServer ? { issuer: step.issuer } : {}
  const settled = { ...clean, ...gone, ...ours, endpoint, error_code, error_message }
  if (step.row.state === to) await write(step, settled)
  else await writeState(step, to, settled, reason)
}
