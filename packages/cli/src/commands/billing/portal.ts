import { call } from '@spoq/client/call'
import { openPortal } from '@spoq/contracts/subscription'
import { SpoqCommand } from '../../command.ts'
import { lead } from '../../subscription/pay.ts'
import { backendTarget } from '../../target.ts'

export default class BillingPortal extends SpoqCommand {
  static override summary = 'Open the page where open invoices are paid, and cards and addresses are seen to.'
  static override examples = ['<%= config.bin %> billing portal', '<%= config.bin %> billing portal --json']

  async run() {
    const { flags } = await this.parse(BillingPortal)
    const context = this.context(flags)
    const { url } = await call(backendTarget(context), openPortal)
    if (!context.json) lead(context, 'Open this within a few minutes', url)
    return { url }
  }
}
