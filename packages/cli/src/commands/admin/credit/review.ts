import { call } from '@spoq/client/call'
import { listReviews, type Review } from '@spoq/contracts/credit'
import { SpoqCommand } from '../../../command.ts'
import { ago, table } from '../../../output.ts'
import { amount } from '../../../subscription/words.ts'
import { backendTarget } from '../../../target.ts'

export default class AdminCreditReview extends SpoqCommand {
  static override summary = 'List top-ups that wait for a person: something came that is not what was ordered.'
  static override examples = ['<%= config.bin %> admin credit review', '<%= config.bin %> admin credit review --json']

  async run() {
    const { flags } = await this.parse(AdminCreditReview)
    const context = this.context(flags)
    const { reviews } = await call(backendTarget(context), listReviews)
    if (reviews.length === 0) this.log('Nothing waits for you.')
    else this.log(table(['TOP-UP', 'WHO', 'ORDERED', 'WHAT CAME', 'SINCE'], reviews.map(rowOf(context.now()))))
    if (reviews.length > 0) this.log(`Decide: ${context.bin} admin credit settle TOP-UP --credit DOLLARS --reason TEXT`)
    return { reviews }
  }
}

const rowOf =
  (now: number) =>
  ({ id, email, account, cents, coins, chain, note, since }: Review): string[] => [
    id,
    email ?? account,
    amount(cents, 'usd') + (chain ? `, ${coins} ${chain}` : ''),
    note ?? '',
    ago(since, now),
  ]
