import { Args } from '@oclif/core'
import { string } from '@oclif/core/flags'
import { policyName, policyNames } from '@spoq/contracts/policy'
import { SpoqCommand } from '../../command.ts'
import { accept } from '../../policy/accept.ts'
import { backendTarget } from '../../target.ts'

export default class PolicyAccept extends SpoqCommand {
  static override summary = 'Accept a policy: it is shown first, and asked for.'
  static override examples = [
    '<%= config.bin %> policy accept acceptable-use',
    '<%= config.bin %> policy accept acceptable-use --accept-policy 2026-11-22 --json',
  ]
  static override args = {
    policy: Args.string({ required: true, options: [...policyNames], description: 'which one' }),
  }
  static override flags = {
    'accept-policy': string({
      helpValue: 'VERSION',
      description: 'ask nothing: this version was read, and is accepted',
    }),
  }

  async run() {
    const { args, flags } = await this.parse(PolicyAccept)
    const context = this.context(flags)
    const name = policyName.parse(args.policy)
    const accepted = await accept(context, backendTarget(context), name, flags['accept-policy'])
    this.log(`You accepted ${accepted.name} ${accepted.version} on ${accepted.acceptedAt.slice(0, 10)}.`)
    return { accepted }
  }
}
