import { string } from '@oclif/core/flags'
import { call } from '@spoq/client/call'
import { takeSnapshot } from '@spoq/contracts/snapshot'
import { SpoqCommand } from '../../command.ts'
import { machineArgument } from '../../machine/argument.ts'
import { findMachine } from '../../machine/find.ts'
import { backendTarget } from '../../target.ts'

export default class SnapshotTake extends SpoqCommand {
  static override summary = 'Keep the disk of a machine as it is now, at its provider.'
  static override aliases = ['machine:snapshot']
  static override examples = ['<%= config.bin %> snapshot take otter --name "before the upgrade"']
  static override args = machineArgument
  static override flags = {
    name: string({ helpValue: 'NAME', description: 'default: the date and the time' }),
  }

  async run() {
    const { args, flags } = await this.parse(SnapshotTake)
    const context = this.context(flags)
    const backend = backendTarget(context)
    const { id, name } = await findMachine(context, backend, args.name ?? context.machine)
    const body = flags.name === undefined ? {} : { name: flags.name }
    const snapshot = await call(backend, takeSnapshot, { params: { machine: id }, body })
    this.log(`A snapshot of ${name} is being taken: ${snapshot.id}. See ${context.bin} snapshot list ${name}.`)
    return { snapshot }
  }
}
