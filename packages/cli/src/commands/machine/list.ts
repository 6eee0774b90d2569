import { boolean } from '@oclif/core/flags'
import { call } from '@spoq/client/call'
import { listMachines } from '@spoq/contracts/machine'
import { SpoqCommand } from '../../command.ts'
import { rememberMachines } from '../../machine/chosen.ts'
import { machineTable } from '../../machine/show.ts'
import { backendTarget } from '../../target.ts'

export default class MachineList extends SpoqCommand {
  static override summary = 'List your machines.'
  static override examples = ['<%= config.bin %> machine list', '<%= config.bin %> machine list --all --json']
  static override flags = {
    all: boolean({ description: 'also those that were terminated' }),
  }

  async run() {
    const { flags } = await this.parse(MachineList)
    const context = this.context(flags)
    const backend = backendTarget(context)
    const { machines } = await call(backend, listMachines, { query: { all: flags.all ? 'true' : 'false' } })
    if (!flags.all) rememberMachines(context, backend.origin, machines)
    this.log(
      machines.length > 0 ? machineTable(machines, context.now()) : `No machine yet. Run ${context.bin} provision.`,
    )
    return { machines }
  }
}
