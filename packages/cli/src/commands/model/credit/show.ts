import { call } from '@spoq/client/call'
import { showModelCredit } from '@spoq/contracts/model-credit'
import { SpoqCommand } from '../../../command.ts'
import { creditLines } from '../../../model/credit.ts'
import { backendTarget } from '../../../target.ts'

export default class ModelCreditShow extends SpoqCommand {
  static override summary = 'Show whether your machines use models on Spoq credit, and what they have cost this month.'
  static override examples = ['<%= config.bin %> model credit show', '<%= config.bin %> model credit show --json']

  async run() {
    const { flags } = await this.parse(ModelCreditShow)
    const credit = await call(backendTarget(this.context(flags)), showModelCredit)
    this.log(creditLines(credit))
    return credit
  }
}
