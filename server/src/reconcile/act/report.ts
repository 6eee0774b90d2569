import { type Step, write } from '../step.ts'

/** Tells the owner and whoever runs this server that the machine waits for a person. */
export async function report(step: Step, { message }: { message: string }): Promise<void> {
  const { log, row } = step
  log('error', 'machine.stranded', { machine: row.id, provider: row.provider, ref: row.provider_ref, message })
  await write(step, { error_code: 'provider_failed', error_message: message })
}
