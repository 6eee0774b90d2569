import { Args } from '@oclif/core'
import { call } from '@spoq/client/call'
import { setDefaultPaymentMethod } from '@spoq/contracts/subscription'
import { SpoqCommand } from '../../command.ts'
import { cardsTable } from '../../subscription/cards.ts'
import { backendTarget } from '../../target.ts'

export default class PaymentMethodDefault extends SpoqCommand {
  static override summary = 'Say which card is charged from now on.'
  static override examples = ['<%= config.bin %> payment-method default pm_1Abc']
  static override args = { id: Args.string({ required: true, description: 'of `payment-method list`' }) }

  async run() {
    const { args, flags } = await this.parse(PaymentMethodDefault)
    const params = { payment: args.id }
    const { paymentMethods } = await call(backendTarget(this.context(flags)), setDefaultPaymentMethod, { params })
    this.log(cardsTable(paymentMethods))
    return { paymentMethods }
  }
}
