import { call } from '@spoq/client/call'
import { listConnections } from '@spoq/contracts/connection'
import { SpoqCommand } from '../../command.ts'
import { ago, table } from '../../output.ts'
import { backendTarget } from '../../target.ts'

export default class ConnectionList extends SpoqCommand {
  static override summary = 'List the servers of your own that Spoq knows a way to.'
  static override examples = ['<%= config.bin %> connection list', '<%= config.bin %> connection list --json']

  async run() {
    const { flags } = await this.parse(ConnectionList)
    const context = this.context(flags)
    const { connections } = await call(backendTarget(context), listConnections, {})
    const rows = connections.map(({ id, address, port, user, machine, createdAt }) => [
      ...[`${user}@${address}${port === 22 ? '' : `:${port}`}`, machine ?? '-', ago(createdAt, context.now()), id],
    ])
    this.log(rows.length > 0 ? table(['SERVER', 'MACHINE', 'MADE', 'ID'], rows) : 'There is no connection.')
    return { connections }
  }
}
