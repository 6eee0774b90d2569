import { call } from '@spoq/client/call'
import { showAccount } from '@spoq/contracts/account'
import { SpoqCommand } from '../command.ts'
import { listing } from '../output.ts'
import { backendTarget } from '../target.ts'

export default class Whoami extends SpoqCommand {
  static override summary = 'Show who is signed in, and where.'
  static override examples = ['<%= config.bin %> whoami', '<%= config.bin %> whoami --json']

  async run() {
    const { flags } = await this.parse(Whoami)
    const backend = backendTarget(this.context(flags))
    const account = await call(backend, showAccount)
    this.log(listing({ name: account.name, email: account.email, account: account.id, server: backend.origin }))
    return { account, server: backend.origin }
  }
}
