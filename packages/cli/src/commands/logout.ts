import { SpoqCommand } from '../command.ts'
import { signOut } from '../login/sign-out.ts'

export default class Logout extends SpoqCommand {
  static override summary = 'End the login of this computer.'
  static override examples = ['<%= config.bin %> logout', '<%= config.bin %> logout --server https://spoq.example']

  async run() {
    const { flags } = await this.parse(Logout)
    const context = this.context(flags)
    const { server, revoked } = await signOut(context)
    this.log(`Signed out of ${server}.`)
    if (!revoked)
      this.logToStderr(
        `The server could not be told: end it there from another login with ${context.bin} login revoke.`,
      )
    return { server, revoked }
  }
}
