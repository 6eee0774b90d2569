import { boolean } from '@oclif/core/flags'
import { SpoqCommand } from '../../command.ts'
import { machineArgument } from '../../machine/argument.ts'
import { changeMachine } from '../../machine/change.ts'
import { findMachine } from '../../machine/find.ts'
import { backendTarget } from '../../target.ts'

export default class MachineStop extends SpoqCommand {
  static override summary = 'Stop a machine; its files stay.'
  static override aliases = ['machine:suspend']
  static override examples = ['<%= config.bin %> machine stop', '<%= config.bin %> machine stop otter --no-wait --json']
  static override args = machineArgument
  static override flags = {
    wait: boolean({ allowNo: true, default: true, description: 'wait until it is done' }),
  }

  async run() {
    const { args, flags } = await this.parse(MachineStop)
    const context = this.context(flags)
    const backend = backendTarget(context)
    const found = await findMachine(context, backend, args.name ?? context.machine)
    const machine = await changeMachine(context, backend, found, { verb: 'stop', wait: flags.wait })
    this.log(
      flags.wait ? `${machine.name} is stopped; its files stay.` : `${machine.name} is wanted ${machine.wanted}.`,
    )
    return { machine }
  }
}
