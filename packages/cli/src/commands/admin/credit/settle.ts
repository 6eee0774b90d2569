import { Args } from '@oclif/core'
import { boolean, string } from '@oclif/core/flags'
import { call } from '@spoq/client/call'
import { settleTopUp } from '@spoq/contracts/credit'
import { SpoqError } from '@spoq/contracts/problem'
import { SpoqCommand } from '../../../command.ts'
import { centsOf } from '../../../credit/wish.ts'
import { amount } from '../../../subscription/words.ts'
import { backendTarget } from '../../../target.ts'

export default class AdminCreditSettle extends SpoqCommand {
  static override summary = 'Decide about a top-up that waits for a person. Its owner is told.'
  static override examples = [
    '<%= config.bin %> admin credit settle topup_0123456789abcdef0123 --credit 18.40 --reason "that much came"',
    '<%= config.bin %> admin credit settle topup_0123456789abcdef0123 --refuse --reason "sent back" --json',
  ]
  static override args = {
    topUp: Args.string({ required: true, description: 'as admin credit review lists it' }),
  }
  static override flags = {
    credit: string({ helpValue: 'DOLLARS', exclusive: ['refuse'], description: 'so much of it becomes credit' }),
    refuse: boolean({ exclusive: ['credit'], description: 'nothing of it does' }),
    reason: string({
      required: true,
      helpValue: 'TEXT',
      description: 'why; the owner is told, and the audit log has it',
    }),
  }

  async run() {
    const { args, flags } = await this.parse(AdminCreditSettle)
    const cents = flags.credit === undefined ? null : centsOf(flags.credit)
    if (cents === null && !flags.refuse)
      throw new SpoqError('usage', { message: 'What becomes of it?', next: 'Say --credit DOLLARS, or --refuse.' })
    const body = { topUp: args.topUp, cents, reason: flags.reason }
    const topUp = await call(backendTarget(this.context(flags)), settleTopUp, { body })
    this.log(cents === null ? `${topUp.id} is refused.` : `${amount(cents, 'usd')} of ${topUp.id} is credit now.`)
    return { topUp }
  }
}
