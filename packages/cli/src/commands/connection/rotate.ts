import { call } from '@spoq/client/call'
import { rotateConnection } from '@spoq/contracts/connection'
import { SpoqCommand } from '../../command.ts'
import { connectionArgument } from '../../connection/argument.ts'
import { findConnection } from '../../connection/find.ts'
import { startProgress } from '../../progress.ts'
import { backendTarget } from '../../target.ts'

export default class ConnectionRotate extends SpoqCommand {
  static override summary = 'Put a new SSH key in the place of the one by which Spoq comes in on your server.'
  static override examples = ['<%= config.bin %> connection rotate 203.0.113.7']
  static override args = connectionArgument

  async run() {
    const { args, flags } = await this.parse(ConnectionRotate)
    const context = this.context(flags)
    const backend = backendTarget(context)
    const { id, address } = await findConnection(backend, args.connection)
    const progress = await startProgress(context)
    progress.step(`Changing the key on ${address}`)
    const params = { connection: id }
    const connection = await call(backend, rotateConnection, { params }).finally(() => progress.stop())
    this.log(`${address} takes a new key; the one before opens nothing any more.`)
    return { connection }
  }
}
