import { boolean } from '@oclif/core/flags'
import { SpoqCommand } from '../../command.ts'
import { machineArgument } from '../../machine/argument.ts'
import { changeMachine } from '../../machine/change.ts'
import { findMachine } from '../../machine/find.ts'
import { backendTarget } from '../../target.ts'

export default class MachineStart extends SpoqCommand {
  static override summary = 'Start a machine, or try again to make one that failed.'
  static override aliases = ['machine:resume']
  static override examples = [
    '<%= config.bin %> machine start',
    '<%= config.bin %> machine start otter --no-wait --json',
  ]
  static override args = machineArgument
  static override flags = {
    wait: boolean({ allowNo: true, default: true, description: 'wait until it is done' }),
  }

  async run() {
    const { args, flags } = await this.parse(MachineStart)
    const context = this.context(flags)
    const backend = backendTarget(context)
    const found = await findMachine(context, backend, args.name ?? context.machine)
    const machine = await changeMachine(context, backend, found, { verb: 'start', wait: flags.wait })
    this.log(
      flags.wait
        ? `${machine.name} is running at ${machine.endpoint}.`
        : `${machine.name} is wanted ${machine.wanted}.`,
    )
    return { machine }
  }
}
