import { boolean } from '@oclif/core/flags'
import { SpoqCommand } from '../../command.ts'
import { machineArgument } from '../../machine/argument.ts'
import { doOnce } from '../../machine/do-once.ts'
import { findMachine } from '../../machine/find.ts'
import { backendTarget } from '../../target.ts'

export default class MachineRotate extends SpoqCommand {
  static override summary =
    "Change root's password at the provider, or the SSH key for your own server, so that nobody who had it gets in."
  static override examples = [
    '<%= config.bin %> machine rotate',
    '<%= config.bin %> machine rotate otter --no-wait --json',
  ]
  static override args = machineArgument
  static override flags = {
    wait: boolean({ allowNo: true, default: true, description: 'wait until it is done' }),
  }

  async run() {
    const { args, flags } = await this.parse(MachineRotate)
    const context = this.context(flags)
    const backend = backendTarget(context)
    const found = await findMachine(context, backend, args.name ?? context.machine)
    const machine = await doOnce(context, backend, found, { task: 'rotate', wait: flags.wait })
    this.log(flags.wait ? `${machine.name} has new credentials.` : `${machine.name} gets new credentials.`)
    return { machine }
  }
}
