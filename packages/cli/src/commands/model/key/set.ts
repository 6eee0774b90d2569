import { string } from '@oclif/core/args'
import { string as text } from '@oclif/core/flags'
import { call } from '@spoq/client/call'
import { type ShownKey, setModelKey, vendors } from '@spoq/contracts/model'
import { SpoqCommand } from '../../../command.ts'
import { readKey } from '../../../model/choice.ts'
import { asVendor } from '../../../model/vendor.ts'
import { machineTarget } from '../../../target.ts'

export default class ModelKeySet extends SpoqCommand {
  static override summary = "Give your machine a vendor's key."

  static override description =
    `The key is asked for on a terminal, else read from standard input; it never stands in an argument or a variable. One
small call shows whether the vendor takes it. On the machine it is kept encrypted, and it goes to that vendor's address alone.`

  static override examples = [
    '<%= config.bin %> model key set anthropic',
    '<%= config.bin %> model key set openai < key.txt',
    '<%= config.bin %> model key set openai-compatible --url https://api.example.org/v1 < key.txt',
  ]

  static override args = {
    vendor: string({ required: true, ignoreStdin: true, options: [...vendors], description: 'whose key it is' }),
  }

  static override flags = {
    url: text({ helpValue: 'URL', description: "its address, when it is not the vendor's own" }),
  }

  async run(): Promise<ShownKey> {
    const { args, flags } = await this.parse(ModelKeySet)
    const context = this.context(flags)
    const vendor = asVendor(args.vendor)
    const target = await machineTarget(context)
    const key = await readKey(process.stdin.isTTY ? null : process.stdin, context.terminal, vendor)
    const shown = await call(target, setModelKey, { params: { vendor }, body: { key, url: flags.url } })
    this.log(`${vendor} takes the key ${shown.masked}. Choose a model: ${context.bin} model use ${vendor}/NAME`)
    return shown
  }
}
