import { call } from '@spoq/client/call'
import { addPaymentMethod } from '@spoq/contracts/subscription'
import { SpoqCommand } from '../../command.ts'
import { lead } from '../../subscription/pay.ts'
import { backendTarget } from '../../target.ts'

export default class PaymentMethodAdd extends SpoqCommand {
  static override summary = 'Enter a card, on a page of Stripe’s.'
  static override examples = ['<%= config.bin %> payment-method add', '<%= config.bin %> payment-method add --json']

  async run() {
    const { flags } = await this.parse(PaymentMethodAdd)
    const context = this.context(flags)
    const { url } = await call(backendTarget(context), addPaymentMethod)
    if (!context.json) lead(context, 'Enter the card here', url)
    this.log(`Then have it charged: ${context.bin} payment-method default ID`)
    return { url }
  }
}
