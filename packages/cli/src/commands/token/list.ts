import { call } from '@spoq/client/call'
import { listTokens } from '@spoq/contracts/token'
import { SpoqCommand } from '../../command.ts'
import { ago, table } from '../../output.ts'
import { backendTarget } from '../../target.ts'

export default class TokenList extends SpoqCommand {
  static override summary = 'List your tokens for scripts and CI.'
  static override examples = ['<%= config.bin %> token list', '<%= config.bin %> token list --json']

  async run() {
    const { flags } = await this.parse(TokenList)
    const context = this.context(flags)
    const { tokens } = await call(backendTarget(context), listTokens)
    const rows = tokens.map(({ id, name, scopes, machine, expiresAt, lastUsedAt, lastUsedFrom }) => [
      name,
      scopes.join(','),
      machine ?? 'all',
      expiresAt.slice(0, 10),
      lastUsedAt ? `${ago(lastUsedAt, context.now())} from ${lastUsedFrom}` : 'never',
      id,
    ])
    this.log(
      rows.length > 0
        ? table(['NAME', 'SCOPES', 'MACHINE', 'ENDS', 'USED', 'ID'], rows)
        : `No token yet. Run ${context.bin} token create.`,
    )
    return { tokens }
  }
}
