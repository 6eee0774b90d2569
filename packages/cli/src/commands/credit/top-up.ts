import { Args } from '@oclif/core'
import { boolean, option } from '@oclif/core/flags'
import { chains } from '@spoq/contracts/credit'
import { SpoqCommand } from '../../command.ts'
import { topUp } from '../../credit/top-up.ts'
import { backendTarget } from '../../target.ts'

export default class CreditTopUp extends SpoqCommand {
  static override summary = 'Add credit, by card or in coins.'
  static override description =
    'The total is shown first. A card is entered in the browser, on a page of Stripe’s; the link opens on any device. Coins are sent to an address, exactly as many as are told, and count once they are confirmed.'
  static override examples = [
    '<%= config.bin %> credit top-up 20',
    '<%= config.bin %> credit top-up 50 --crypto BTC',
    '<%= config.bin %> credit top-up 20 --yes --no-wait --json',
  ]
  static override args = {
    dollars: Args.string({ required: true, description: 'how much, from 5 to 1000 dollars' }),
  }
  static override flags = {
    crypto: option({ options: chains, helpValue: 'CHAIN', description: `pay in coins: ${chains.join(', ')}` })(),
    yes: boolean({ char: 'y', description: 'ask nothing: take the total as it is' }),
    wait: boolean({ allowNo: true, default: true, description: 'wait until it is paid' }),
  }

  async run() {
    const { args, flags } = await this.parse(CreditTopUp)
    const context = this.context(flags)
    const bought = await topUp(context, backendTarget(context), { ...flags, ...args })
    if (flags.wait) this.log(`It is paid. Thank you. What you have: ${context.bin} credit balance.`)
    return { topUp: bought }
  }
}
