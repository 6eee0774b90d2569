import { Args } from '@oclif/core'
import { call } from '@spoq/client/call'
import { policyName, policyNames, showPolicy } from '@spoq/contracts/policy'
import { SpoqCommand } from '../../command.ts'
import { policyInWords } from '../../policy/accept.ts'
import { backendTarget } from '../../target.ts'

export default class PolicyShow extends SpoqCommand {
  static override summary = 'Show what has to be accepted before certain machines are made.'
  static override examples = [
    '<%= config.bin %> policy show acceptable-use',
    '<%= config.bin %> policy show acceptable-use --json',
  ]
  static override args = {
    policy: Args.string({ required: true, options: [...policyNames], description: 'which one' }),
  }

  async run() {
    const { args, flags } = await this.parse(PolicyShow)
    const params = { policy: policyName.parse(args.policy) }
    const policy = await call(backendTarget(this.context(flags)), showPolicy, { params })
    this.log(policyInWords(policy))
    return { policy }
  }
}
