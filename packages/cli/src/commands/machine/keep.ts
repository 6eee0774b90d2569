import { boolean } from '@oclif/core/flags'
import { SpoqCommand } from '../../command.ts'
import { machineArgument } from '../../machine/argument.ts'
import { changeMachine } from '../../machine/change.ts'
import { findMachine } from '../../machine/find.ts'
import { backendTarget } from '../../target.ts'

export default class MachineKeep extends SpoqCommand {
  static override summary = 'Undo the end of a machine, before its last day.'
  static override examples = [
    '<%= config.bin %> machine keep otter',
    '<%= config.bin %> machine keep otter --no-wait --json',
  ]
  static override args = machineArgument
  static override flags = {
    wait: boolean({ allowNo: true, default: true, description: 'wait until it is as it was' }),
  }

  async run() {
    const { args, flags } = await this.parse(MachineKeep)
    const context = this.context(flags)
    const backend = backendTarget(context)
    const found = await findMachine(context, backend, args.name ?? context.machine)
    const machine = await changeMachine(context, backend, found, { verb: 'keep', wait: flags.wait })
    this.log(`${machine.name} stays; it is ${machine.state}.`)
    return { machine }
  }
}
