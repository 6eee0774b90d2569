import type { Resource } from '@spoq/providers'
import { record } from '../../audit/record.ts'
import { change } from '../../machine/move.ts'
import { oneMoreTry, type Step, write } from '../step.ts'

/**
 * Ends a machine whose server does not let itself be cleaned. What is left there is written first: once the server is
 * forgotten nobody can say it any more.
 */
export async function abandon(step: Step, { resources }: { resources: readonly Resource[] }): Promise<void> {
  const { provider, db, row, now, log } = step
  await write(step, oneMoreTry(step))
  if (row.error_code !== 'server_not_cleaned') {
    const notes: string[] = []
    for (const { ref } of resources) notes.push((await provider.leaves?.(ref)) ?? '')
    const reason = notes.join(' ')
    step.row = await db.transaction().execute(async trx => {
      await record(trx, { actor: 'reconciler', action: 'machine.abandon', resource: row.id, reason }, now())
      return change(trx, step.row, { error_code: 'server_not_cleaned', error_message: reason }, now())
    })
  }
  for (const { ref } of resources) await provider.abandon?.(ref)
  log('warn', 'machine.abandoned', { machine: row.id, ref: row.provider_ref })
}
