import { boolean } from '@oclif/core/flags'
import { SpoqCommand } from '../../command.ts'
import { machineArgument } from '../../machine/argument.ts'
import { doOnce } from '../../machine/do-once.ts'
import { findMachine } from '../../machine/find.ts'
import { backendTarget } from '../../target.ts'

export default class MachineRestart extends SpoqCommand {
  static override summary = 'Restart the Conductor of a machine that runs; its sessions go on afterwards.'
  static override examples = [
    '<%= config.bin %> machine restart',
    '<%= config.bin %> machine restart otter --no-wait --json',
  ]
  static override args = machineArgument
  static override flags = {
    wait: boolean({ allowNo: true, default: true, description: 'wait until it is done' }),
  }

  async run() {
    const { args, flags } = await this.parse(MachineRestart)
    const context = this.context(flags)
    const backend = backendTarget(context)
    const found = await findMachine(context, backend, args.name ?? context.machine)
    const machine = await doOnce(context, backend, found, { task: 'restart', wait: flags.wait })
    this.log(flags.wait ? `${machine.name} runs again.` : `${machine.name} is being restarted.`)
    return { machine }
  }
}
