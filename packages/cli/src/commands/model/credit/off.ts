import { call } from '@spoq/client/call'
import { setModelCredit } from '@spoq/contracts/model-credit'
import { SpoqCommand } from '../../../command.ts'
import { creditLines } from '../../../model/credit.ts'
import { backendTarget } from '../../../target.ts'

export default class ModelCreditOff extends SpoqCommand {
  static override summary = 'Have no more models answer on Spoq credit.'
  static override examples = ['<%= config.bin %> model credit off']

  async run() {
    const { flags } = await this.parse(ModelCreditOff)
    const credit = await call(backendTarget(this.context(flags)), setModelCredit, { body: { on: false } })
    this.log(creditLines(credit))
    return credit
  }
}
