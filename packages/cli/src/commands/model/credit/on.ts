import { string } from '@oclif/core/flags'
import { call } from '@spoq/client/call'
import { setModelCredit } from '@spoq/contracts/model-credit'
import { SpoqError } from '@spoq/contracts/problem'
import { SpoqCommand } from '../../../command.ts'
import { creditLines } from '../../../model/credit.ts'
import { backendTarget } from '../../../target.ts'

export default class ModelCreditOn extends SpoqCommand {
  static override summary = 'Have models answer on Spoq credit, where you have no key of your own.'
  static override description =
    'Paid from your prepaid credit: what the vendor asks and the share that model credit show tells. No key of a vendor comes onto your machines. With --budget it stops before a month costs more.'
  static override examples = [
    '<%= config.bin %> model credit on --budget 10',
    '<%= config.bin %> model credit on --budget none --json',
  ]
  static override flags = {
    budget: string({ helpValue: 'DOLLARS|none', description: 'what a month may cost; default: as it was' }),
  }

  async run() {
    const { flags } = await this.parse(ModelCreditOn)
    const budgetCents = flags.budget === undefined ? undefined : centsOf(flags.budget)
    const body = { on: true, ...(budgetCents === undefined ? {} : { budgetCents }) }
    const credit = await call(backendTarget(this.context(flags)), setModelCredit, { body })
    this.log(creditLines(credit))
    return credit
  }
}

function centsOf(text: string): number | null {
  if (text === 'none') return null
  const cents = /^\d{1,6}(\.\d{1,2})?$/.test(text) ? Math.round(Number(text) * 100) : 0
  if (cents > 0) return cents
  throw new SpoqError('usage', { message: `--budget: ${text} is no amount.`, next: 'Example: --budget 10' })
}
