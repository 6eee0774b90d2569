import { call } from '@spoq/client/call'
import { cancelSubscription } from '@spoq/contracts/subscription'
import { SpoqCommand } from '../../command.ts'
import { backendTarget } from '../../target.ts'

export default class SubscriptionCancel extends SpoqCommand {
  static override summary = 'End your subscription when what is paid is over.'
  static override description =
    'Until then everything runs, and subscription resume takes it back. Then machines are suspended for 7 days, and can be exported.'
  static override examples = ['<%= config.bin %> subscription cancel', '<%= config.bin %> subscription cancel --json']

  async run() {
    const { flags } = await this.parse(SubscriptionCancel)
    const context = this.context(flags)
    const subscription = await call(backendTarget(context), cancelSubscription)
    this.log(
      `Spoq ends on ${subscription.periodEnd?.slice(0, 10)}. Until then ${context.bin} subscription resume takes it back.`,
    )
    return { subscription }
  }
}
