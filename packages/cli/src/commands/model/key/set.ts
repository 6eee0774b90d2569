import { string } from '@oclif/core/args'
import { boolean, string as text } from '@oclif/core/flags'
import { call } from '@spoq/client/call'
import { type ShownKey, setModelKey, vendors } from '@spoq/contracts/model'
import { type AccountModelKey, setAccountModelKey } from '@spoq/contracts/model-key'
import { SpoqCommand } from '../../../command.ts'
import { readKey } from '../../../model/choice.ts'
import { asAccountVendor, asVendor } from '../../../model/vendor.ts'
import { backendTarget, machineTarget } from '../../../target.ts'

export default class ModelKeySet extends SpoqCommand {
  static override summary = "Give your machine, or all of your machines, a vendor's key."

  static override description =
    `The key is asked for on a terminal, else read from standard input; it never stands in an argument or a variable. One
small call shows whether the vendor takes it. On the machine it is kept encrypted, and it goes to that vendor's address alone.

With --account the server keeps it, encrypted, and all your machines use it from their next turn on, those that sleep once
they are started. A machine that has a key of that vendor of its own uses that one.`

  static override examples = [
    '<%= config.bin %> model key set anthropic',
    '<%= config.bin %> model key set openai < key.txt',
    '<%= config.bin %> model key set openai --account < key.txt',
    '<%= config.bin %> model key set openai-compatible --url https://api.example.org/v1 < key.txt',
  ]

  static override args = {
    vendor: string({ required: true, ignoreStdin: true, options: [...vendors], description: 'whose key it is' }),
  }

  static override flags = {
    url: text({ helpValue: 'URL', description: "its address, when it is not the vendor's own" }),
    account: boolean({ description: 'for all machines of your account' }),
    'no-check': boolean({
      dependsOn: ['account'],
      description: 'keep it unchecked, where your machines alone reach the address',
    }),
  }

  async run(): Promise<ShownKey | AccountModelKey> {
    const { args, flags } = await this.parse(ModelKeySet)
    const { url } = flags
    const context = this.context(flags)
    const use = (vendor: string) => `Choose a model: ${context.bin} model use ${vendor}/NAME`
    const read = (vendor: string) => readKey(process.stdin.isTTY ? null : process.stdin, context.terminal, vendor)
    if (!flags.account) {
      const vendor = asVendor(args.vendor)
      const target = await machineTarget(context)
      const shown = await call(target, setModelKey, { params: { vendor }, body: { key: await read(vendor), url } })
      this.log(`${vendor} takes the key ${shown.masked}. ${use(vendor)}`)
      return shown
    }
    const vendor = asAccountVendor(args.vendor)
    const target = backendTarget(context)
    await target.token?.()
    const body = { key: await read(vendor), url, check: !flags['no-check'] }
    const shown = await call(target, setAccountModelKey, { params: { vendor }, body })
    const checked = shown.checkedAt ? `${vendor} takes the key` : 'Nobody has checked the key'
    this.log(
      `${checked} ${shown.masked}. All your machines use it, but for those with a key of their own. ${use(vendor)}`,
    )
    return shown
  }
}
