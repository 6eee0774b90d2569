import { call } from '@spoq/client/call'
import { showAccount } from '@spoq/contracts/account'
import { SpoqCommand } from '../../command.ts'
import { listing } from '../../output.ts'
import { backendTarget } from '../../target.ts'

export default class AccountShow extends SpoqCommand {
  static override summary = 'Show your account.'
  static override examples = ['<%= config.bin %> account show', '<%= config.bin %> account show --json']

  async run() {
    const { flags } = await this.parse(AccountShow)
    const backend = backendTarget(this.context(flags))
    const account = await call(backend, showAccount)
    const { name, email, emailVerified, id, createdAt } = account
    const verified = emailVerified ? 'verified' : `not verified: ${this.config.bin} account verify`
    this.log(listing({ name, email: `${email} (${verified})`, account: id, made: createdAt, server: backend.origin }))
    return { account, server: backend.origin }
  }
}
