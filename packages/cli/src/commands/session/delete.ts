import { boolean } from '@oclif/core/flags'
import { call } from '@spoq/client/call'
import { SpoqError } from '@spoq/contracts/problem'
import { deleteSession, showSession } from '@spoq/contracts/session'
import { SpoqCommand } from '../../command.ts'
import { oneLine } from '../../render/visible.ts'
import { sessionArgument } from '../../session/argument.ts'
import { findSession } from '../../session/find.ts'
import { machineTarget } from '../../target.ts'
import { confirm } from '../../terminal.ts'

export default class SessionDelete extends SpoqCommand {
  static override summary = 'Delete a session with all that was said in it. This cannot be undone.'
  static override examples = [
    '<%= config.bin %> session delete 4f0c2a',
    '<%= config.bin %> session delete 4f0c2a --yes --force',
  ]
  static override args = sessionArgument
  static override flags = {
    yes: boolean({ char: 'y', description: 'do not ask' }),
    force: boolean({ description: 'stop a turn that has not ended first' }),
  }

  async run() {
    const { args, flags } = await this.parse(SessionDelete)
    const { terminal, machine } = this.context(flags)
    const target = await machineTarget(this.context(flags))
    const id = await findSession(target, args.session)
    const params = { session: id }
    const { title } = await call(target, showSession, { params })
    const message = `Delete "${oneLine(title)}" (${id})${machine ? ` on ${machine}` : ''}?`
    if (!flags.yes && !(await confirm(terminal, { message, flag: '--yes', default: false })))
      throw new SpoqError('interrupted', { message: 'Nothing was deleted.', next: 'Run it again to delete it.' })
    await call(target, deleteSession, { params, query: { force: flags.force ? 'true' : 'false' } })
    this.log('It is deleted.')
    return { deleted: id }
  }
}
