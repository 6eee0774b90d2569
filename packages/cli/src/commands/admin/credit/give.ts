import { randomUUID } from 'node:crypto'
import { Args } from '@oclif/core'
import { string } from '@oclif/core/flags'
import { call } from '@spoq/client/call'
import { giveCredit } from '@spoq/contracts/credit'
import { SpoqCommand } from '../../../command.ts'
import { centsOf } from '../../../credit/wish.ts'
import { amount } from '../../../subscription/words.ts'
import { backendTarget } from '../../../target.ts'

export default class AdminCreditGive extends SpoqCommand {
  static override summary = 'Give an account credit, for what was paid in another way or as a courtesy.'
  static override examples = [
    '<%= config.bin %> admin credit give ada@example.com 25 --reason "bank transfer 17"',
    '<%= config.bin %> admin credit give ada@example.com 5.50 --reason "outage of March 3" --json',
  ]
  static override args = {
    email: Args.string({ required: true, description: 'the e-mail address of the account' }),
    dollars: Args.string({ required: true, description: 'how much, in dollars' }),
  }
  static override flags = {
    reason: string({ required: true, helpValue: 'TEXT', description: 'why; it stands in the audit log' }),
  }

  async run() {
    const { args, flags } = await this.parse(AdminCreditGive)
    const body = { email: args.email, cents: centsOf(args.dollars), reason: flags.reason }
    const backend = backendTarget(this.context(flags))
    const topUp = await call(backend, giveCredit, { body, idempotencyKey: randomUUID() })
    this.log(`${args.email} has ${amount(topUp.cents, 'usd')} more credit.`)
    return { topUp }
  }
}
