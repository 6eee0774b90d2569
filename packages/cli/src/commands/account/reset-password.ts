import { Args } from '@oclif/core'
import { call } from '@spoq/client/call'
import { askPasswordReset } from '@spoq/contracts/account'
import { resetTarget } from '../../account/reset-target.ts'
import { SpoqCommand } from '../../command.ts'

export default class AccountResetPassword extends SpoqCommand {
  static override summary = 'Have a mail sent with a link to set a new password.'
  static override examples = [
    '<%= config.bin %> account reset-password',
    '<%= config.bin %> account reset-password ada@example.com --server https://spoq.dev',
  ]
  static override args = {
    email: Args.string({ description: 'whose password; without it that of who is signed in here' }),
  }

  async run() {
    const { args, flags } = await this.parse(AccountResetPassword)
    const context = this.context(flags)
    const { backend, email } = await resetTarget(context, args.email)
    await call(backend, askPasswordReset, { body: { email } })
    this.log(
      `If ${backend.origin} has an account with the address ${email}, a link was sent there. It works for an hour.`,
    )
    return { email, server: backend.origin }
  }
}
