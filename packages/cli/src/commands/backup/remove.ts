import { boolean } from '@oclif/core/flags'
import { call } from '@spoq/client/call'
import { removeBackup } from '@spoq/contracts/backup'
import { SpoqError } from '@spoq/contracts/problem'
import { backupArgument, checkedId } from '../../backup/argument.ts'
import { SpoqCommand } from '../../command.ts'
import { backendTarget } from '../../target.ts'
import { confirm } from '../../terminal.ts'

export default class BackupRemove extends SpoqCommand {
  static override summary = 'Remove a backup for good.'
  static override examples = ['<%= config.bin %> backup remove backup_4f0c2a9d7b1e6a353c11 --yes']
  static override args = backupArgument
  static override flags = { yes: boolean({ char: 'y', description: 'do not ask' }) }

  async run() {
    const { args, flags } = await this.parse(BackupRemove)
    const context = this.context(flags)
    const backup = checkedId(args.backup)
    const message = `Remove ${backup} for good?`
    if (!flags.yes && !(await confirm(context.terminal, { message, flag: '--yes', default: false })))
      throw new SpoqError('interrupted', { message: 'Nothing was changed.', next: 'Run it again to remove it.' })
    await call(backendTarget(context), removeBackup, { params: { backup } })
    this.log('It is removed.')
    return { removed: backup }
  }
}
