import { boolean } from '@oclif/core/flags'
import { SpoqError } from '@spoq/contracts/problem'
import { SpoqCommand } from '../../command.ts'
import { machineArgument } from '../../machine/argument.ts'
import { changeMachine } from '../../machine/change.ts'
import { findMachine } from '../../machine/find.ts'
import { backendTarget } from '../../target.ts'
import { confirm } from '../../terminal.ts'

export default class MachineTerminate extends SpoqCommand {
  static override summary = 'End a machine with all its files. This cannot be undone.'
  static override examples = [
    '<%= config.bin %> machine terminate otter',
    '<%= config.bin %> machine terminate otter --yes',
  ]
  static override args = machineArgument
  static override flags = {
    yes: boolean({ char: 'y', description: 'do not ask' }),
    wait: boolean({ allowNo: true, default: true, description: 'wait until it is done' }),
  }

  async run() {
    const { args, flags } = await this.parse(MachineTerminate)
    const context = this.context(flags)
    const backend = backendTarget(context)
    const found = await findMachine(context, backend, args.name ?? context.machine)
    const message = `End ${found.name} with all its files?`
    if (!flags.yes && !(await confirm(context.terminal, { message, flag: '--yes', default: false })))
      throw new SpoqError('interrupted', { message: 'Nothing was changed.', next: 'Run it again to end the machine.' })
    const machine = await changeMachine(context, backend, found, { verb: 'terminate', wait: flags.wait })
    if (machine.error?.code === 'server_not_cleaned') this.logToStderr(machine.error.message)
    this.log(flags.wait ? `${machine.name} is gone.` : `${machine.name} is wanted ${machine.wanted}.`)
    return { machine }
  }
}
