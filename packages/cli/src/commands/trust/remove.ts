import { string } from '@oclif/core/args'
import { call } from '@spoq/client/call'
import { SpoqError } from '@spoq/contracts/problem'
import { removeTrust, trustId } from '@spoq/contracts/trust'
import { SpoqCommand } from '../../command.ts'
import { backendTarget } from '../../target.ts'

export default class TrustRemove extends SpoqCommand {
  static override summary = "Let a repository's jobs in no longer."
  static override examples = ['<%= config.bin %> trust remove trust_4f0c2a9d7b1e6a353c11']
  static override args = {
    id: string({ required: true, ignoreStdin: true, description: 'as trust list shows it' }),
  }

  async run() {
    const { args, flags } = await this.parse(TrustRemove)
    if (!trustId.safeParse(args.id).success) throw new SpoqError('trust_not_found')
    await call(backendTarget(this.context(flags)), removeTrust, { params: { trust: args.id } })
    this.log('It is removed.')
    return { removed: args.id }
  }
}
