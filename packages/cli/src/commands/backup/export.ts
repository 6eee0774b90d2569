import { string as text } from '@oclif/core/flags'
import { call } from '@spoq/client/call'
import type { Target } from '@spoq/client/target'
import { showBackup } from '@spoq/contracts/backup'
import { checkedId } from '../../backup/argument.ts'
import { downloadBackup } from '../../backup/download.ts'
import { makeBackup } from '../../backup/make.ts'
import { sizeInWords } from '../../backup/show.ts'
import { SpoqCommand } from '../../command.ts'
import type { Context } from '../../context.ts'
import { machineArgument } from '../../machine/argument.ts'
import { findMachine } from '../../machine/find.ts'
import { backendTarget } from '../../target.ts'

export default class BackupExport extends SpoqCommand {
  static override summary = 'Take all of a machine away as a tar file.'
  static override description =
    'As it is now, or as a backup has it. The file is not encrypted, and readable by you alone; manifest.jsonl in it has the hash of each file.'
  static override aliases = ['machine:export']
  static override examples = [
    '<%= config.bin %> backup export --to otter.tar',
    '<%= config.bin %> backup export --backup backup_4f0c2a9d7b1e6a353c11 --to otter.tar --json',
  ]
  static override args = machineArgument
  static override flags = {
    to: text({ required: true, helpValue: 'FILE', description: 'write it there' }),
    backup: text({ helpValue: 'ID', description: 'this backup, instead of a new one' }),
  }

  async run() {
    const { args, flags } = await this.parse(BackupExport)
    const context = this.context(flags)
    const backend = backendTarget(context)
    const backup = flags.backup
      ? await call(backend, showBackup, { params: { backup: checkedId(flags.backup) } })
      : await fresh(context, backend, args.name ?? context.machine)
    await downloadBackup(context, backend, backup, flags.to)
    this.log(`${flags.to}: ${sizeInWords(backup.bytes ?? 0)}\nsha256 ${backup.sha256}`)
    return { file: flags.to, bytes: backup.bytes, sha256: backup.sha256, backup: backup.id }
  }
}

async function fresh(context: Context, backend: Target, name: string | undefined) {
  const machine = await findMachine(context, backend, name)
  return makeBackup(context, backend, { machine: machine.id, kind: 'export', wait: true })
}
