import { boolean } from '@oclif/core/flags'
import { readPasswords, setPassword } from '../../account/password.ts'
import { SpoqCommand } from '../../command.ts'
import { backendTarget } from '../../target.ts'

export default class AccountPassword extends SpoqCommand {
  static override summary = 'Change your password.'
  static override description =
    `The present password is needed. All other logins and browsers are signed out, unless they are to stay; this one stays,
and so does a second step. Was the password forgotten? account reset-password sends a link.`
  static override examples = [
    '<%= config.bin %> account password',
    'printf \'%s\\n\' "$OLD" "$NEW" | <%= config.bin %> account password --stdin',
  ]
  static override flags = {
    stdin: boolean({ description: 'read two lines from standard input: the present password, then the new one' }),
    'keep-others': boolean({ description: 'what else is signed in stays signed in' }),
  }

  async run() {
    const { flags } = await this.parse(AccountPassword)
    const context = this.context(flags)
    const backend = backendTarget(context)
    const endOthers = !flags['keep-others']
    await setPassword(backend, await readPasswords(flags.stdin ? process.stdin : null, context.terminal), endOthers)
    this.log(
      endOthers
        ? 'The password is changed. Everything else has been signed out.'
        : 'The password is changed. What was signed in stays signed in.',
    )
    return { changed: true, endedOthers: endOthers }
  }
}
