import { call } from '@spoq/client/call'
import { listInvoices } from '@spoq/contracts/subscription'
import { SpoqCommand } from '../../command.ts'
import { table } from '../../output.ts'
import { amount } from '../../subscription/words.ts'
import { backendTarget } from '../../target.ts'

export default class InvoiceList extends SpoqCommand {
  static override summary = 'List your invoices, the newest first, with where each can be read.'
  static override examples = ['<%= config.bin %> invoice list', '<%= config.bin %> invoice list --json']

  async run() {
    const { flags } = await this.parse(InvoiceList)
    const { invoices } = await call(backendTarget(this.context(flags)), listInvoices)
    const rows = invoices.map(({ number, id, createdAt, state, totalCents, currency, url }) => [
      number ?? id,
      createdAt.slice(0, 10),
      state,
      amount(totalCents, currency),
      url ?? '',
    ])
    this.log(rows.length > 0 ? table(['NUMBER', 'DATE', 'STATE', 'TOTAL', 'READ IT'], rows) : 'There are no invoices.')
    return { invoices }
  }
}
