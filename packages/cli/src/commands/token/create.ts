import { string } from '@oclif/core/flags'
import { call } from '@spoq/client/call'
import { createToken } from '@spoq/contracts/token'
import { SpoqCommand } from '../../command.ts'
import { findMachine } from '../../machine/find.ts'
import { backendTarget } from '../../target.ts'
import { readLife, readScopes } from '../../token/asked.ts'

export default class TokenCreate extends SpoqCommand {
  static override summary = 'Make a token for scripts and CI.'
  static override description =
    `Its secret is printed once and never again: give it to the script as SPOQ_TOKEN. With --machine it is for that machine
alone. No token makes tokens, ends logins or changes how you sign in.

Scopes: account:read, account:write, machine:read, machine:write (make, stop, end; choose the model), machine:use (ask, run).`
  static override examples = [
    '<%= config.bin %> token create --name ci --scope machine:read,machine:use',
    '<%= config.bin %> token create --name nightly --scope machine:read --scope machine:use --machine otter --expires 30d',
    'export SPOQ_TOKEN=$(<%= config.bin %> token create --name now --scope machine:read,machine:use --expires 1h)',
  ]
  static override flags = {
    name: string({ required: true, helpValue: 'NAME', description: 'what you call it' }),
    scope: string({
      required: true,
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'SCOPES',
      description: 'what it may do, with commas between',
    }),
    expires: string({
      default: '90d',
      helpValue: 'TIME',
      description: 'how long it lives: 15m, 12h, 30d; at most 366d',
    }),
  }

  async run() {
    const { flags } = await this.parse(TokenCreate)
    const context = this.context(flags)
    const asked = { name: flags.name, scopes: readScopes(flags.scope), expiresIn: readLife(flags.expires) }
    const backend = backendTarget(context)
    // Only what stands on the command line narrows it: SPOQ_MACHINE is about other commands.
    const machine = flags.machine === undefined ? undefined : (await findMachine(context, backend, flags.machine)).id
    const made = await call(backend, createToken, { body: { ...asked, machine } })
    this.log(made.secret)
    if (!context.json) console.error(`It is shown this once. It ends on ${made.token.expiresAt.slice(0, 10)}.`)
    return made
  }
}
