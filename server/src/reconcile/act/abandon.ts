import type { Resource } from '@spoq/providers'
import { record } from '../../audit/record.ts'
import { change } from '../../machine/move.ts'
import { oneMoreTry, type Step, write } from '../step.ts'

/** Ends a machine whose server does not let itself be cleaned; what is left there its owner is told. */
export async function abandon(step: Step, { resources }: { resources: readonly Resource[] }): Promise<void> {
  await write(step, oneMoreTry(step))
  const notes: string[] = []
  for (const { ref } of resources) notes.push((await step.provider.abandon?.(ref)) ?? '')
  const { db, row, now, log } = step
  log('warn', 'machine.abandoned', { machine: row.id, ref: row.provider_ref })
  step.row = await db.transaction().execute(async trx => {
    const reason = notes.join(' ')
    await record(trx, { actor: 'reconciler', action: 'machine.abandon', resource: row.id, reason }, now())
    return change(trx, row, { error_code: 'server_not_cleaned', error_message: reason }, now())
  })
}
