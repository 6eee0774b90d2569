import { call } from '@spoq/client/call'
import { listTrusts } from '@spoq/contracts/trust'
import { SpoqCommand } from '../../command.ts'
import { ago, table } from '../../output.ts'
import { backendTarget } from '../../target.ts'

export default class TrustList extends SpoqCommand {
  static override summary = 'List the repositories whose jobs you let in.'
  static override examples = ['<%= config.bin %> trust list', '<%= config.bin %> trust list --json']

  async run() {
    const { flags } = await this.parse(TrustList)
    const context = this.context(flags)
    const { trusts } = await call(backendTarget(context), listTrusts)
    const rows = trusts.map(({ id, repositoryId, ref, scopes, machine, lastUsedAt }) => [
      repositoryId,
      ref,
      scopes.join(','),
      machine ?? 'all',
      lastUsedAt ? ago(lastUsedAt, context.now()) : 'never',
      id,
    ])
    this.log(
      rows.length > 0
        ? table(['REPOSITORY', 'REF', 'SCOPES', 'MACHINE', 'USED', 'ID'], rows)
        : `No trust yet. Run ${context.bin} trust add.`,
    )
    return { trusts }
  }
}
