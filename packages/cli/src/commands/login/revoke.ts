import { string } from '@oclif/core/args'
import { call } from '@spoq/client/call'
import { loginId, revokeLogin } from '@spoq/contracts/login'
import { SpoqError } from '@spoq/contracts/problem'
import { SpoqCommand } from '../../command.ts'
import { backendTarget } from '../../target.ts'

export default class LoginRevoke extends SpoqCommand {
  static override summary = 'End a login, here or anywhere else.'
  static override examples = ['<%= config.bin %> login revoke login_4f0c2a9d7b1e6a35']
  static override args = {
    id: string({ required: true, ignoreStdin: true, description: 'as login list shows it' }),
  }

  async run() {
    const { args, flags } = await this.parse(LoginRevoke)
    if (!loginId.safeParse(args.id).success) throw new SpoqError('login_not_found')
    await call(backendTarget(this.context(flags)), revokeLogin, { params: { login: args.id } })
    this.log('It is ended.')
    return { revoked: args.id }
  }
}
