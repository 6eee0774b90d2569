import { string } from '@oclif/core/flags'
import { verifyEmail } from '../../account/verify.ts'
import { SpoqCommand } from '../../command.ts'

export default class AccountVerify extends SpoqCommand {
  static override summary = 'Verify your e-mail address by a code that is sent there.'
  static override examples = ['<%= config.bin %> account verify', '<%= config.bin %> account verify --code 123456']
  static override flags = {
    code: string({ helpValue: 'CODE', description: 'the six digits from the mail; without it a new code is sent' }),
  }

  async run() {
    const { flags } = await this.parse(AccountVerify)
    const context = this.context(flags)
    const { verified, email } = await verifyEmail(context, flags.code, line => this.logToStderr(line))
    this.log(
      verified
        ? email
          ? `The address ${email} is verified.`
          : 'Your e-mail address is verified.'
        : `Then run: ${context.bin} account verify --code CODE`,
    )
    return { verified, email }
  }
}
