import { call } from '@spoq/client/call'
import { probeConnection } from '@spoq/contracts/connection'
import { SpoqCommand } from '../../command.ts'
import { connectionArgument } from '../../connection/argument.ts'
import { findConnection } from '../../connection/find.ts'
import { listing } from '../../output.ts'
import { startProgress } from '../../progress.ts'
import { backendTarget } from '../../target.ts'

export default class ConnectionShow extends SpoqCommand {
  static override summary = 'Show a server of your own, how it looks just now, and the line that lets Spoq in.'
  static override examples = ['<%= config.bin %> connection show 203.0.113.7']
  static override args = connectionArgument

  async run() {
    const { args, flags } = await this.parse(ConnectionShow)
    const context = this.context(flags)
    const backend = backendTarget(context)
    const connection = await findConnection(backend, args.connection)
    const progress = await startProgress(context)
    progress.step(`Connecting to ${connection.address}`)
    const params = { connection: connection.id }
    const probe = await call(backend, probeConnection, { params }).finally(() => progress.stop())
    this.log(
      listing({
        id: connection.id,
        server: `${connection.user}@${connection.address}:${connection.port}`,
        machine: connection.machine,
        state: probe.state,
        reason: probe.reason,
        system: probe.system,
        fingerprint: probe.fingerprint,
        confirmed: connection.fingerprint,
        line: connection.line,
      }),
    )
    return { connection, probe }
  }
}
