import { type Step, writeState } from '../step.ts'

/** Gives up until the owner starts the machine again. What the owner wants stays written. */
export async function fail(step: Step, { message }: { message: string }): Promise<void> {
  const given = { stage: null, attempts: 0, next_attempt_at: null, error_message: message }
  await writeState(step, 'failed', { ...given, error_code: 'machine_failed' }, message)
}
