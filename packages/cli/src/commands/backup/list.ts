import { call } from '@spoq/client/call'
import { listBackups } from '@spoq/contracts/backup'
import { backupTable } from '../../backup/show.ts'
import { SpoqCommand } from '../../command.ts'
import { machineArgument } from '../../machine/argument.ts'
import { findMachine } from '../../machine/find.ts'
import { backendTarget } from '../../target.ts'

export default class BackupList extends SpoqCommand {
  static override summary = 'List the backups of a machine, newest first.'
  static override examples = ['<%= config.bin %> backup list', '<%= config.bin %> backup list otter --json']
  static override args = machineArgument

  async run() {
    const { args, flags } = await this.parse(BackupList)
    const context = this.context(flags)
    const backend = backendTarget(context)
    const machine = await findMachine(context, backend, args.name ?? context.machine)
    const { backups } = await call(backend, listBackups, { params: { machine: machine.id } })
    const none = `No backup of ${machine.name} yet. Run ${context.bin} backup create ${machine.name}.`
    this.log(backups.length > 0 ? backupTable(backups, context.now()) : none)
    return { backups }
  }
}
