import { call } from '@spoq/client/call'
import { removeConnection } from '@spoq/contracts/connection'
import { SpoqCommand } from '../../command.ts'
import { connectionArgument } from '../../connection/argument.ts'
import { findConnection } from '../../connection/find.ts'
import { backendTarget } from '../../target.ts'

export default class ConnectionRemove extends SpoqCommand {
  static override summary = 'Forget a server of your own, and the key for it.'
  static override examples = ['<%= config.bin %> connection remove 203.0.113.7']
  static override args = connectionArgument

  async run() {
    const { args, flags } = await this.parse(ConnectionRemove)
    const context = this.context(flags)
    const backend = backendTarget(context)
    const { id, address } = await findConnection(backend, args.connection)
    const { line } = await call(backend, removeConnection, { params: { connection: id } })
    this.log(`The connection to ${address} is removed.`)
    if (line !== null) this.log(`If its key was let in there, this line takes it away:\n\n${line}`)
    return { removed: id, line }
  }
}
