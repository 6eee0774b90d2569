import { call } from '@spoq/client/call'
import { type ModelInUse, showModel } from '@spoq/contracts/model'
import { SpoqCommand } from '../../command.ts'
import { describeModel } from '../../model/describe.ts'
import { machineTarget } from '../../target.ts'

export default class ModelShow extends SpoqCommand {
  static override summary = 'Show the model that answers on your machine.'
  static override examples = ['<%= config.bin %> model show', '<%= config.bin %> model show --json']

  async run(): Promise<ModelInUse> {
    const { flags } = await this.parse(ModelShow)
    const inUse = await call(await machineTarget(this.context(flags)), showModel)
    this.log(describeModel(inUse))
    return inUse
  }
}
