import { call } from '@spoq/client/call'
import { removeSnapshot } from '@spoq/contracts/snapshot'
import { SpoqCommand } from '../../command.ts'
import { snapshotArguments } from '../../machine/argument.ts'
import { findMachine } from '../../machine/find.ts'
import { findSnapshot } from '../../machine/snapshot.ts'
import { backendTarget } from '../../target.ts'

export default class SnapshotRemove extends SpoqCommand {
  static override summary = 'Remove a snapshot of a machine.'
  static override examples = ['<%= config.bin %> snapshot remove otter "before the upgrade"']
  static override args = snapshotArguments

  async run() {
    const { args, flags } = await this.parse(SnapshotRemove)
    const context = this.context(flags)
    const backend = backendTarget(context)
    const { id, name } = await findMachine(context, backend, args.name)
    const { id: snapshot } = await findSnapshot(backend, id, args.snapshot)
    const removed = await call(backend, removeSnapshot, { params: { machine: id, snapshot } })
    this.log(`"${removed.name}" of ${name} is being removed.`)
    return { snapshot: removed }
  }
}
