import { boolean } from '@oclif/core/flags'
import { SpoqCommand } from '../../command.ts'
import { beginSignIn, finishSignIn, signIn } from '../../login/sign-in.ts'

export default class Login extends SpoqCommand {
  static override summary = 'Sign this computer in.'
  static override description =
    `Opens a browser where there is one on this very computer; else shows three words and an address to
approve them at. Where nobody can wait, --start prints both and returns, and --finish completes.`
  static override examples = [
    '<%= config.bin %> login',
    '<%= config.bin %> login --device --server https://spoq.example',
    '<%= config.bin %> login --start',
    '<%= config.bin %> login --finish --no-wait --json',
  ]
  static override flags = {
    device: boolean({
      description: 'three words, even where a browser could be opened',
      exclusive: ['start', 'finish'],
    }),
    start: boolean({ description: 'print where to approve as JSON, and return', exclusive: ['finish'] }),
    finish: boolean({ description: 'complete what --start began' }),
    wait: boolean({ allowNo: true, default: true, description: 'with --finish: wait for the approval' }),
  }

  async run() {
    const { flags } = await this.parse(Login)
    const context = this.context(flags)
    if (flags.start) {
      const { words, verificationUrl, expiresAt } = await beginSignIn(context)
      const started = { verificationUrl, words, expiresIn: Math.round((expiresAt - context.now()) / 1000) }
      if (!context.json) console.log(JSON.stringify(started))
      return started
    }
    const tell = (lines: string) => console.error(lines)
    const account = flags.finish
      ? await finishSignIn(context, { wait: flags.wait })
      : await signIn(context, { device: flags.device, tell })
    this.log(account ? `Signed in as ${account.email}.` : 'Nobody has approved it yet.')
    return account ? { status: 'signed_in', account } : { status: 'pending' }
  }
}
