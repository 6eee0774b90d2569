import { boolean } from '@oclif/core/flags'
import { SpoqCommand } from '../command.ts'
import { buy } from '../subscription/buy.ts'
import { wishFlags } from '../subscription/wish.ts'
import { backendTarget } from '../target.ts'

export default class Subscribe extends SpoqCommand {
  static override summary = 'Subscribe to a plan.'
  static override description =
    'The total is shown first. It is paid in the browser, on a page of Stripe’s: no digit of a card comes here. The link opens on any device.'
  static override examples = [
    '<%= config.bin %> subscribe',
    '<%= config.bin %> subscribe --plan pro',
    '<%= config.bin %> subscribe --plan basic --interval year --coupon SPRING --yes --no-wait --json',
  ]
  static override flags = {
    ...wishFlags,
    yes: boolean({ char: 'y', description: 'ask nothing: take the total as it is' }),
    wait: boolean({ allowNo: true, default: true, description: 'wait until it is paid' }),
  }

  async run() {
    const { flags } = await this.parse(Subscribe)
    const context = this.context(flags)
    const { subscription, plan, total } = await buy(context, backendTarget(context), flags)
    if (!flags.wait) return { subscription, total }
    this.log(`You have Spoq ${plan.title} until ${subscription.periodEnd?.slice(0, 10)}. Thank you.`)
    this.log(`A machine is made by ${context.bin} provision; what you have: ${context.bin} status.`)
    return { subscription, total }
  }
}
