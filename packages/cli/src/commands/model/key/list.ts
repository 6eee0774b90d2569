import { SpoqCommand } from '../../../command.ts'
import { findKeys, type KeysFound, keyLines } from '../../../model/keys.ts'

export default class ModelKeyList extends SpoqCommand {
  static override summary = 'List the keys of your account and of your machine, and which one is used.'
  static override description =
    'Keys are shown by their last four characters. While the machine is away the keys of the account are listed alone.'
  static override examples = ['<%= config.bin %> model key list', '<%= config.bin %> model key list --json']

  async run(): Promise<KeysFound> {
    const { flags } = await this.parse(ModelKeyList)
    const context = this.context(flags)
    const found = await findKeys(context)
    this.log(keyLines(found, context))
    if (found.away && !context.json) console.error(`The machine's own keys are not known: ${found.away}`)
    return found
  }
}
