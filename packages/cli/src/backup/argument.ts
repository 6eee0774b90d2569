import { string } from '@oclif/core/args'
import { backupId } from '@spoq/contracts/backup'
import { SpoqError } from '@spoq/contracts/problem'

/** The backup that a command is about. */
export const backupArgument = {
  backup: string({ required: true, ignoreStdin: true, description: 'its id, as backup list shows it' }),
}

/** @throws SpoqError `backup_not_found` for what is no id of one. */
export function checkedId(typed: string): string {
  if (!backupId.safeParse(typed).success)
    throw new SpoqError('backup_not_found', { message: `There is no backup ${typed}.` })
  return typed
}
