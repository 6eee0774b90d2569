import { call } from '@spoq/client/call'
import { listPlans, showPlan } from '@spoq/contracts/plan'
import { showSubscription } from '@spoq/contracts/subscription'
import { SpoqCommand } from '../../command.ts'
import { usesInWords } from '../../plan/message-use.ts'
import { sourceInWords } from '../../plan/plan.ts'
import { subscriptionLines } from '../../subscription/words.ts'
import { backendTarget } from '../../target.ts'

export default class SubscriptionShow extends SpoqCommand {
  static override summary = 'Show your plan, until when it is paid, how many messages are left, and what is to be done.'
  static override examples = ['<%= config.bin %> subscription show', '<%= config.bin %> subscription show --json']

  async run() {
    const { flags } = await this.parse(SubscriptionShow)
    const context = this.context(flags)
    const backend = backendTarget(context)
    const [{ subscription, card }, { plan, source, messages = [] }, { plans }] = await Promise.all([
      call(backend, showSubscription),
      call(backend, showPlan),
      call(backend, listPlans),
    ])
    const bought = plans.find(({ name }) => name === subscription?.plan)
    if (subscription && bought) this.log(subscriptionLines(subscription, bought))
    if (!subscription || subscription.plan !== plan.name || source !== 'bought')
      this.log(`You have the plan ${plan.title}, ${sourceInWords[source]}.`)
    if (messages.length > 0) this.log(`Messages of this month: ${usesInWords(messages)}.`)
    if (!card) this.log('Nothing is sold by card on this server: whoever runs it can give you a plan.')
    else if (!subscription) this.log(`Compare: ${context.bin} plan list. Subscribe: ${context.bin} subscribe.`)
    return { subscription, plan: plan.name, source, card, messages }
  }
}
