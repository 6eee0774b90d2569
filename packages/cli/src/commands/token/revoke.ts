import { string } from '@oclif/core/args'
import { call } from '@spoq/client/call'
import { SpoqError } from '@spoq/contracts/problem'
import { revokeToken, tokenId } from '@spoq/contracts/token'
import { SpoqCommand } from '../../command.ts'
import { backendTarget } from '../../target.ts'

export default class TokenRevoke extends SpoqCommand {
  static override summary = 'End a token.'
  static override description =
    'The backend refuses it at once, machines that can be reached within seconds; what it has open there ends.'
  static override examples = ['<%= config.bin %> token revoke token_4f0c2a9d7b1e6a353c11']
  static override args = {
    id: string({ required: true, ignoreStdin: true, description: 'as token list shows it' }),
  }

  async run() {
    const { args, flags } = await this.parse(TokenRevoke)
    if (!tokenId.safeParse(args.id).success) throw new SpoqError('token_not_found')
    await call(backendTarget(this.context(flags)), revokeToken, { params: { token: args.id } })
    this.log('It is ended.')
    return { revoked: args.id }
  }
}
