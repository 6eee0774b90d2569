import { string } from '@oclif/core/args'
import { call } from '@spoq/client/call'
import { removeModelKey, vendors } from '@spoq/contracts/model'
import { SpoqCommand } from '../../../command.ts'
import { asVendor } from '../../../model/vendor.ts'
import { machineTarget } from '../../../target.ts'

export default class ModelKeyRemove extends SpoqCommand {
  static override summary = "Remove a vendor's key from your machine."
  static override examples = ['<%= config.bin %> model key remove anthropic']
  static override args = {
    vendor: string({ required: true, ignoreStdin: true, options: [...vendors], description: 'whose key it is' }),
  }

  async run() {
    const { args, flags } = await this.parse(ModelKeyRemove)
    const vendor = asVendor(args.vendor)
    await call(await machineTarget(this.context(flags)), removeModelKey, { params: { vendor } })
    this.log(`The machine has no key for ${vendor} any more. The key itself goes on: end it at the vendor's.`)
    return { removed: vendor }
  }
}
