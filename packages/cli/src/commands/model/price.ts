import { string } from '@oclif/core/args'
import { boolean, string as text } from '@oclif/core/flags'
import { call } from '@spoq/client/call'
import { setModelPrice } from '@spoq/contracts/model'
import { SpoqCommand } from '../../command.ts'
import { ownPrice } from '../../model/money.ts'
import { machineTarget } from '../../target.ts'

export default class ModelPrice extends SpoqCommand {
  static override summary = 'Set your own price of a model, in dollars a million tokens.'
  static override description =
    'For a model that the table does not know, or when you pay another price. It counts from the next call on.'
  static override examples = [
    '<%= config.bin %> model price openai/gpt-5-mini --input 0.25 --cached 0.025 --output 2',
    '<%= config.bin %> model price openai/gpt-5-mini --reset',
  ]
  static override args = {
    name: string({ required: true, ignoreStdin: true, description: 'the model' }),
  }
  static override flags = {
    input: text({ helpValue: 'DOLLARS', description: 'what goes in', exclusive: ['reset'] }),
    output: text({ helpValue: 'DOLLARS', description: 'what comes out', exclusive: ['reset'] }),
    cached: text({ helpValue: 'DOLLARS', description: 'what goes in and was cached; default: as input' }),
    reset: boolean({ description: "go back to the vendors' table" }),
  }

  async run() {
    const { args, flags } = await this.parse(ModelPrice)
    const { input, output, cached, reset } = flags
    const price = reset ? null : ownPrice({ input, output, cached })
    await call(await machineTarget(this.context(flags)), setModelPrice, { body: { name: args.name, price } })
    this.log(reset ? "The vendors' table counts again." : 'Your price counts from the next call on.')
    return { name: args.name, price }
  }
}
