import { call } from '@spoq/client/call'
import { showSecurityLog } from '@spoq/contracts/account'
import { SpoqCommand } from '../../command.ts'
import { ago, table } from '../../output.ts'
import { oneLine } from '../../render/visible.ts'
import { backendTarget } from '../../target.ts'

export default class AccountLog extends SpoqCommand {
  static override summary = 'Show what happened to your account: sign-ins, logins, password, second step.'
  static override examples = ['<%= config.bin %> account log', '<%= config.bin %> account log --json']

  async run() {
    const { flags } = await this.parse(AccountLog)
    const context = this.context(flags)
    const { events } = await call(backendTarget(context), showSecurityLog)
    const rows = events.map(({ at, action, address, agent, reason, credential }) => [
      ago(at, context.now()),
      action,
      address ?? '',
      credential ?? '',
      oneLine(reason ?? agent ?? '').slice(0, 60),
    ])
    this.log(table(['WHEN', 'WHAT', 'FROM', 'BY', 'HOW'], rows))
    return { events }
  }
}
