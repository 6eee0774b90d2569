import { call } from '@spoq/client/call'
import { listModels, type ModelList } from '@spoq/contracts/model'
import { SpoqCommand } from '../../command.ts'
import { modelListLines } from '../../model/list.ts'
import { machineTarget } from '../../target.ts'

export default class ModelListCommand extends SpoqCommand {
  static override summary = 'List the models of your machine, its keys, and what answers there by itself.'
  static override examples = ['<%= config.bin %> model list', '<%= config.bin %> model list --json']

  async run(): Promise<ModelList> {
    const { flags } = await this.parse(ModelListCommand)
    const context = this.context(flags)
    const list = await call(await machineTarget(context), listModels)
    this.log(modelListLines(list, context.bin))
    return list
  }
}
