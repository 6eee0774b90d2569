import { call } from '@spoq/client/call'
import { listPaymentMethods } from '@spoq/contracts/subscription'
import { SpoqCommand } from '../../command.ts'
import { cardsTable } from '../../subscription/cards.ts'
import { backendTarget } from '../../target.ts'

export default class PaymentMethodList extends SpoqCommand {
  static override summary = 'List your cards: their last digits. The one that is charged is marked.'
  static override examples = ['<%= config.bin %> payment-method list', '<%= config.bin %> payment-method list --json']

  async run() {
    const { flags } = await this.parse(PaymentMethodList)
    const { paymentMethods } = await call(backendTarget(this.context(flags)), listPaymentMethods)
    this.log(cardsTable(paymentMethods))
    return { paymentMethods }
  }
}
