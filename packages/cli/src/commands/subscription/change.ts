import { boolean } from '@oclif/core/flags'
import { call } from '@spoq/client/call'
import { changeSubscription } from '@spoq/contracts/subscription'
import { SpoqCommand } from '../../command.ts'
import { agreedWish, wishFlags } from '../../subscription/wish.ts'
import { backendTarget } from '../../target.ts'

export default class SubscriptionChange extends SpoqCommand {
  static override summary = 'Go to another plan, or pay by another interval.'
  static override description =
    'At once: what is left of the present one is taken off. The total is shown first. A plan with fewer machines suspends the newest of them.'
  static override examples = [
    '<%= config.bin %> subscription change --plan team',
    '<%= config.bin %> subscription change --plan basic --interval year --yes --json',
  ]
  static override flags = {
    plan: wishFlags.plan,
    interval: wishFlags.interval,
    yes: boolean({ char: 'y', description: 'ask nothing: take the total as it is' }),
  }

  async run() {
    const { flags } = await this.parse(SubscriptionChange)
    const context = this.context(flags)
    const backend = backendTarget(context)
    const { wish, plan, total } = await agreedWish(context, backend, flags)
    const body = { plan: wish.plan, interval: wish.interval, ...(total.at ? { at: total.at } : {}) }
    const subscription = await call(backend, changeSubscription, { body })
    this.log(`You have Spoq ${plan.title}, by the ${subscription.interval}.`)
    return { subscription, total }
  }
}
