import { string } from '@oclif/core/args'
import { boolean, string as text } from '@oclif/core/flags'
import type { ModelInUse } from '@spoq/contracts/model'
import { SpoqCommand } from '../../command.ts'
import { readChoice } from '../../model/choice.ts'
import { choose } from '../../model/choose.ts'
import { describeModel } from '../../model/describe.ts'
import { machineTarget } from '../../target.ts'

export default class ModelUse extends SpoqCommand {
  static override summary = 'Choose the model that answers on your machine.'

  static override description =
    `The name is the one its server knows; "demo" is scripted, needs nothing and is no AI. One small call shows whether it
answers before it is taken. A key is asked for on a terminal, or read from standard input; it never stands in an argument.`

  static override examples = [
    '<%= config.bin %> model use demo',
    '<%= config.bin %> model use llama3.2 --url http://127.0.0.1:11434/v1',
    '<%= config.bin %> model use gpt-5 --url https://api.openai.com/v1 --key-stdin < key.txt',
  ]

  static override args = {
    name: string({ required: true, ignoreStdin: true, description: 'the model, or demo' }),
  }

  static override flags = {
    url: text({ helpValue: 'URL', description: 'its OpenAI-compatible address, up to and with /v1' }),
    'key-stdin': boolean({ description: 'read the key from standard input' }),
  }

  async run(): Promise<ModelInUse> {
    const { args, flags } = await this.parse(ModelUse)
    const context = this.context(flags)
    const key = flags['key-stdin'] ? process.stdin : null
    const choice = await readChoice({ name: args.name, url: flags.url, key }, context.terminal)
    const inUse = await choose(await machineTarget(context), choice)
    this.log(describeModel(inUse))
    return inUse
  }
}
