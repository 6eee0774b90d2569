import { boolean } from '@oclif/core/flags'
import { call } from '@spoq/client/call'
import { SpoqError } from '@spoq/contracts/problem'
import { restoreSnapshot } from '@spoq/contracts/snapshot'
import { SpoqCommand } from '../../command.ts'
import { snapshotArguments } from '../../machine/argument.ts'
import { findMachine } from '../../machine/find.ts'
import { findSnapshot } from '../../machine/snapshot.ts'
import { backendTarget } from '../../target.ts'
import { confirm } from '../../terminal.ts'

export default class SnapshotRestore extends SpoqCommand {
  static override summary = 'Put the disk of a machine back to a snapshot. What came after it is lost.'
  static override aliases = ['machine:restore']
  static override examples = ['<%= config.bin %> snapshot restore otter "before the upgrade"']
  static override args = snapshotArguments
  static override flags = {
    yes: boolean({ char: 'y', description: 'do not ask' }),
  }

  async run() {
    const { args, flags } = await this.parse(SnapshotRestore)
    const context = this.context(flags)
    const backend = backendTarget(context)
    const { id, name } = await findMachine(context, backend, args.name)
    const snapshot = await findSnapshot(backend, id, args.snapshot)
    const message = `Put ${name} back to "${snapshot.name}" of ${snapshot.createdAt}? What came after it is lost.`
    if (!flags.yes && !(await confirm(context.terminal, { message, flag: '--yes', default: false })))
      throw new SpoqError('interrupted', { message: 'Nothing was changed.', next: 'Run it again to go back.' })
    const machine = await call(backend, restoreSnapshot, { params: { machine: id, snapshot: snapshot.id } })
    this.log(`${name} goes back to "${snapshot.name}". Follow it with ${context.bin} status --watch.`)
    return { machine }
  }
}
