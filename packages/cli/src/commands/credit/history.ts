import { string } from '@oclif/core/flags'
import { call } from '@spoq/client/call'
import { creditHistory } from '@spoq/contracts/credit'
import { SpoqCommand } from '../../command.ts'
import { money } from '../../credit/words.ts'
import { table } from '../../output.ts'
import { backendTarget } from '../../target.ts'

export default class CreditHistory extends SpoqCommand {
  static override summary = 'List what came to your credit and what was taken from it, the newest first.'
  static override examples = ['<%= config.bin %> credit history', '<%= config.bin %> credit history --before 51 --json']
  static override flags = {
    before: string({ helpValue: 'N', description: 'the page after the one that named this' }),
  }

  async run() {
    const { flags } = await this.parse(CreditHistory)
    const context = this.context(flags)
    const query = flags.before ? { before: flags.before } : {}
    const page = await call(backendTarget(context), creditHistory, { query })
    const rows = page.movements.map(({ at, kind, amount, balanceAfter }) => [
      at.slice(0, 16).replace('T', ' '),
      kind.replaceAll('_', ' '),
      money(amount),
      money(balanceAfter),
    ])
    this.log(rows.length > 0 ? table(['WHEN', 'WHAT', 'AMOUNT', 'CREDIT'], rows) : 'Nothing came or went yet.')
    if (page.next) this.log(`More: ${context.bin} credit history --before ${page.next}`)
    return page
  }
}
