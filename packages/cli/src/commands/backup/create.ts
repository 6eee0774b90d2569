import { boolean } from '@oclif/core/flags'
import { makeBackup } from '../../backup/make.ts'
import { sizeInWords } from '../../backup/show.ts'
import { SpoqCommand } from '../../command.ts'
import { machineArgument } from '../../machine/argument.ts'
import { findMachine } from '../../machine/find.ts'
import { backendTarget } from '../../target.ts'

export default class BackupCreate extends SpoqCommand {
  static override summary = 'Make a backup of a machine. It goes on working meanwhile.'
  static override description =
    'Its files, sessions and settings are stored encrypted and kept for 30 days. Keys for models are not in it.'
  static override aliases = ['machine:backup']
  static override examples = [
    '<%= config.bin %> backup create',
    '<%= config.bin %> backup create otter --no-wait --json',
  ]
  static override args = machineArgument
  static override flags = {
    wait: boolean({ allowNo: true, default: true, description: 'wait until it is done' }),
  }

  async run() {
    const { args, flags } = await this.parse(BackupCreate)
    const context = this.context(flags)
    const backend = backendTarget(context)
    const machine = await findMachine(context, backend, args.name ?? context.machine)
    const backup = await makeBackup(context, backend, { machine: machine.id, kind: 'manual', wait: flags.wait })
    this.log(
      backup.state === 'ready'
        ? `${backup.id}: ${sizeInWords(backup.bytes ?? 0)} of ${machine.name}, kept until ${backup.expiresAt.slice(0, 10)}.`
        : `${backup.id} of ${machine.name} is being made.`,
    )
    return { backup }
  }
}
