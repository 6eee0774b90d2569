import { string } from '@oclif/core/args'
import { call } from '@spoq/client/call'
import { removeModel } from '@spoq/contracts/model'
import { SpoqCommand } from '../../command.ts'
import { describeModel } from '../../model/describe.ts'
import { machineTarget } from '../../target.ts'

export default class ModelRemove extends SpoqCommand {
  static override summary = 'Remove a model from your machine, or an alias.'
  static override description =
    `By an alias, the alias alone goes. By its full name the model goes, with its aliases, its own price and context size;
when it was the one in use, the first of the fallback is from then on. Keys stay: see model key remove.`
  static override examples = ['<%= config.bin %> model remove fast', '<%= config.bin %> model remove openai/gpt-5-mini']
  static override args = {
    name: string({ required: true, ignoreStdin: true, description: 'an alias, or VENDOR/MODEL' }),
  }

  async run() {
    const { args, flags } = await this.parse(ModelRemove)
    const removed = await call(await machineTarget(this.context(flags)), removeModel, { body: { name: args.name } })
    this.log(`Removed: ${[removed.model, ...removed.aliases].filter(Boolean).join(', ')}. Now in use:`)
    this.log(describeModel(removed.inUse))
    return removed
  }
}
