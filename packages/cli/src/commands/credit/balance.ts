import { call } from '@spoq/client/call'
import { showCredit } from '@spoq/contracts/credit'
import { SpoqCommand } from '../../command.ts'
import { creditLines } from '../../credit/words.ts'
import { backendTarget } from '../../target.ts'

export default class CreditBalance extends SpoqCommand {
  static override summary = 'Show your credit, and how long it lasts.'
  static override examples = ['<%= config.bin %> credit balance', '<%= config.bin %> credit balance --json']

  async run() {
    const { flags } = await this.parse(CreditBalance)
    const context = this.context(flags)
    const credit = await call(backendTarget(context), showCredit)
    this.log(creditLines(credit))
    if (credit.methods.length === 0) this.log('None is sold on this server: whoever runs it can give you some.')
    else this.log(`Add some: ${context.bin} credit top-up 20${credit.methods.includes('card') ? '' : ' --crypto BTC'}`)
    return { credit }
  }
}
