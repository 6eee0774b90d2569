import { string } from '@oclif/core/args'
import { boolean } from '@oclif/core/flags'
import { call } from '@spoq/client/call'
import { removeModelKey, vendors } from '@spoq/contracts/model'
import { removeAccountModelKey } from '@spoq/contracts/model-key'
import { SpoqCommand } from '../../../command.ts'
import { asAccountVendor, asVendor } from '../../../model/vendor.ts'
import { backendTarget, machineTarget } from '../../../target.ts'

export default class ModelKeyRemove extends SpoqCommand {
  static override summary = "Remove a vendor's key from your machine, or from your account."
  static override examples = [
    '<%= config.bin %> model key remove anthropic',
    '<%= config.bin %> model key remove anthropic --account',
  ]
  static override args = {
    vendor: string({ required: true, ignoreStdin: true, options: [...vendors], description: 'whose key it is' }),
  }
  static override flags = {
    account: boolean({ description: 'the one for all machines of your account' }),
  }

  async run() {
    const { args, flags } = await this.parse(ModelKeyRemove)
    const context = this.context(flags)
    const after = "The key itself goes on: end it at the vendor's."
    if (flags.account) {
      const vendor = asAccountVendor(args.vendor)
      await call(backendTarget(context), removeAccountModelKey, { params: { vendor } })
      this.log(
        `Your account has no key for ${vendor} any more; machines that sleep forget it once they are started. ${after}`,
      )
      return { removed: vendor, from: 'account' }
    }
    const vendor = asVendor(args.vendor)
    await call(await machineTarget(context), removeModelKey, { params: { vendor } })
    this.log(`The machine has no key of its own for ${vendor} any more. ${after}`)
    return { removed: vendor, from: 'machine' }
  }
}
