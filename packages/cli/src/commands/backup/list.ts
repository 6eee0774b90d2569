import { boolean } from '@oclif/core/flags'
import { call } from '@spoq/client/call'
import { listAllBackups, listBackups } from '@spoq/contracts/backup'
import { backupTable } from '../../backup/show.ts'
import { SpoqCommand } from '../../command.ts'
import { machineArgument } from '../../machine/argument.ts'
import { findAnyMachine } from '../../machine/find.ts'
import { backendTarget } from '../../target.ts'

export default class BackupList extends SpoqCommand {
  static override summary = 'List the backups of a machine, newest first; of one that is over too.'
  static override examples = [
    '<%= config.bin %> backup list',
    '<%= config.bin %> backup list otter --json',
    '<%= config.bin %> backup list --all',
  ]
  static override args = machineArgument
  static override flags = { all: boolean({ description: 'of all your machines, those that are over too' }) }

  async run() {
    const { args, flags } = await this.parse(BackupList)
    const context = this.context(flags)
    const backend = backendTarget(context)
    if (flags.all) {
      const { backups } = await call(backend, listAllBackups)
      this.log(backups.length > 0 ? backupTable(backups, context.now(), { machines: true }) : 'There is no backup yet.')
      return { backups }
    }
    const machine = await findAnyMachine(context, backend, args.name ?? context.machine)
    const { backups } = await call(backend, listBackups, { params: { machine: machine.id } })
    const none = `No backup of ${machine.name} yet. Run ${context.bin} backup create ${machine.name}.`
    this.log(backups.length > 0 ? backupTable(backups, context.now()) : none)
    return { backups }
  }
}
