import { call } from '@spoq/client/call'
import { verifyBackup } from '@spoq/contracts/backup'
import { backupArgument, checkedId } from '../../backup/argument.ts'
import { sizeInWords } from '../../backup/show.ts'
import { SpoqCommand } from '../../command.ts'
import { backendTarget } from '../../target.ts'

export default class BackupVerify extends SpoqCommand {
  static override summary = 'Read a backup where it is stored, and see whether it is whole.'
  static override examples = ['<%= config.bin %> backup verify backup_4f0c2a9d7b1e6a353c11']
  static override args = backupArgument

  async run() {
    const { args, flags } = await this.parse(BackupVerify)
    const params = { backup: checkedId(args.backup) }
    const backup = await call(backendTarget(this.context(flags)), verifyBackup, { params })
    this.log(`It is whole: ${sizeInWords(backup.bytes ?? 0)}\nsha256 ${backup.sha256}`)
    return { backup }
  }
}
