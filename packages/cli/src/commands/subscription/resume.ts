import { call } from '@spoq/client/call'
import { resumeSubscription } from '@spoq/contracts/subscription'
import { SpoqCommand } from '../../command.ts'
import { backendTarget } from '../../target.ts'

export default class SubscriptionResume extends SpoqCommand {
  static override summary = 'Take a cancellation back, while what was paid lasts.'
  static override description = 'Once it is over, begin a new one by subscribe.'
  static override examples = ['<%= config.bin %> subscription resume', '<%= config.bin %> subscription resume --json']

  async run() {
    const { flags } = await this.parse(SubscriptionResume)
    const context = this.context(flags)
    const subscription = await call(backendTarget(context), resumeSubscription)
    this.log(`It goes on; the next payment is on ${subscription.periodEnd?.slice(0, 10)}.`)
    return { subscription }
  }
}
