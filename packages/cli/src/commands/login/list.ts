import { call } from '@spoq/client/call'
import { listLogins } from '@spoq/contracts/login'
import { SpoqCommand } from '../../command.ts'
import { ago, table } from '../../output.ts'
import { backendTarget } from '../../target.ts'

export default class LoginList extends SpoqCommand {
  static override summary = 'List the computers and browsers that are signed in.'
  static override examples = ['<%= config.bin %> login list', '<%= config.bin %> login list --json']

  async run() {
    const { flags } = await this.parse(LoginList)
    const context = this.context(flags)
    const { logins } = await call(backendTarget(context), listLogins)
    const rows = logins.map(({ name, current, lastUsedAt, createdAt, id }) => [
      current ? `${name} (this one)` : name,
      ago(lastUsedAt ?? createdAt, context.now()),
      ago(createdAt, context.now()),
      id,
    ])
    this.log(table(['NAME', 'USED', 'MADE', 'ID'], rows))
    return { logins }
  }
}
