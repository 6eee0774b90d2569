import { SpoqCommand } from '../command.ts'
import { whoami, whoamiLines } from '../login/whoami.ts'

export default class Whoami extends SpoqCommand {
  static override summary = 'Show who is signed in, where, and by what.'
  static override examples = ['<%= config.bin %> whoami', '<%= config.bin %> whoami --json']

  async run() {
    const { flags } = await this.parse(Whoami)
    const who = await whoami(this.context(flags))
    this.log(whoamiLines(who))
    return who
  }
}
