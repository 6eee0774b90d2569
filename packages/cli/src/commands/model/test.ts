import { string } from '@oclif/core/args'
import { call } from '@spoq/client/call'
import { type ModelTested, testModel } from '@spoq/contracts/model'
import { SpoqCommand } from '../../command.ts'
import { describeTest } from '../../model/describe.ts'
import { machineTarget } from '../../target.ts'

export default class ModelTest extends SpoqCommand {
  static override summary = 'Make one small call to a model: how long, how many tokens, what it cost.'
  static override examples = [
    '<%= config.bin %> model test',
    '<%= config.bin %> model test openai/gpt-5-mini',
    '<%= config.bin %> model test --json',
  ]
  static override args = {
    name: string({ ignoreStdin: true, description: 'the model; default: the one that answers' }),
  }

  async run(): Promise<ModelTested> {
    const { args, flags } = await this.parse(ModelTest)
    const target = await machineTarget(this.context(flags))
    const tested = await call(target, testModel, { body: { name: args.name } })
    this.log(describeTest(tested))
    return tested
  }
}
