import { string } from '@oclif/core/args'
import { boolean, integer } from '@oclif/core/flags'
import { call } from '@spoq/client/call'
import { setModelContext } from '@spoq/contracts/model'
import { SpoqError } from '@spoq/contracts/problem'
import { SpoqCommand } from '../../command.ts'
import { machineTarget } from '../../target.ts'

export default class ModelContext extends SpoqCommand {
  static override summary = 'Set how many tokens a model takes in one call.'
  static override description =
    'For a model on own hardware, or when the figure that is known is not right. A conversation that outgrows it is summed up.'
  static override examples = [
    '<%= config.bin %> model context ollama/llama3.2 --tokens 128000',
    '<%= config.bin %> model context ollama/llama3.2 --reset',
  ]
  static override args = {
    name: string({ required: true, ignoreStdin: true, description: 'the model' }),
  }
  static override flags = {
    tokens: integer({ min: 1_000, helpValue: 'N', description: '1000 or more', exclusive: ['reset'] }),
    reset: boolean({ description: 'go back to the figure that is known' }),
  }

  async run() {
    const { args, flags } = await this.parse(ModelContext)
    if (flags.tokens === undefined && !flags.reset)
      throw new SpoqError('usage', { message: 'How many tokens?', next: 'Say --tokens N, or --reset.' })
    const body = { name: args.name, tokens: flags.tokens ?? null }
    const set = await call(await machineTarget(this.context(flags)), setModelContext, { body })
    this.log(`${set.name} takes ${set.tokens} tokens in one call, from the next turn on.`)
    return set
  }
}
