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
    `A name is VENDOR/MODEL, an alias, or a model that was found on the machine; with --url, the name that an
OpenAI-compatible address knows. "demo" is scripted, needs nothing and is no AI. One small call shows whether it answers
before it is taken. A key is set by model key set; for a new --url it is asked for on a terminal, or read from standard input.`

  static override examples = [
    '<%= config.bin %> model use anthropic/claude-sonnet-5-5 --fallback openai/gpt-5 --fallback ollama/llama3.2',
    '<%= config.bin %> model use openai/gpt-5-mini --alias fast',
    '<%= config.bin %> model use llama3.2',
    '<%= config.bin %> model use big --url https://api.example.org/v1 --key-stdin < key.txt',
    '<%= config.bin %> model use demo',
  ]

  static override args = {
    name: string({ required: true, ignoreStdin: true, description: 'the model, or demo' }),
  }

  static override flags = {
    url: text({ helpValue: 'URL', description: 'another address for it, with the path up to /v1' }),
    'key-stdin': boolean({ description: 'read the key from standard input' }),
    alias: text({ helpValue: 'WORD', description: 'a short name of your own for it' }),
    fallback: text({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'NAME',
      description: 'answers when it does not; several in their order',
    }),
    'no-fallback': boolean({ description: 'nothing answers in its place', exclusive: ['fallback'] }),
  }

  async run(): Promise<ModelInUse> {
    const { args, flags } = await this.parse(ModelUse)
    const context = this.context(flags)
    const key = flags['key-stdin'] ? process.stdin : null
    const { url, alias } = flags
    const fallback = flags['no-fallback'] ? [] : flags.fallback
    const choice = await readChoice({ name: args.name, url, key, alias, fallback }, context.terminal)
    const inUse = await choose(await machineTarget(context), choice)
    this.log(describeModel(inUse))
    return inUse
  }
}
