import { call } from '@spoq/client/call'
import { listSnapshots } from '@spoq/contracts/snapshot'
import { SpoqCommand } from '../../command.ts'
import { machineArgument } from '../../machine/argument.ts'
import { findMachine } from '../../machine/find.ts'
import { ago, table } from '../../output.ts'
import { backendTarget } from '../../target.ts'

export default class SnapshotList extends SpoqCommand {
  static override summary = 'List the snapshots of a machine.'
  static override examples = ['<%= config.bin %> snapshot list', '<%= config.bin %> snapshot list otter --json']
  static override args = machineArgument

  async run() {
    const { args, flags } = await this.parse(SnapshotList)
    const context = this.context(flags)
    const backend = backendTarget(context)
    const { id, name } = await findMachine(context, backend, args.name ?? context.machine)
    const { snapshots } = await call(backend, listSnapshots, { params: { machine: id } })
    const rows = snapshots.map(one => [one.name, one.error ?? one.state, ago(one.createdAt, context.now()), one.id])
    this.log(rows.length > 0 ? table(['NAME', 'STATE', 'TAKEN', 'ID'], rows) : `${name} has no snapshot.`)
    return { snapshots }
  }
}
