import { Args } from '@oclif/core'
import { string } from '@oclif/core/flags'
import { call } from '@spoq/client/call'
import { givePlan, planNames } from '@spoq/contracts/plan'
import { SpoqCommand } from '../../../command.ts'
import { sourceInWords } from '../../../plan/plan.ts'
import { backendTarget } from '../../../target.ts'

export default class AdminPlanSet extends SpoqCommand {
  static override summary = 'Give an account a plan, whatever it pays for; none takes it back.'
  static override examples = [
    '<%= config.bin %> admin plan set ada@example.com enterprise --reason "contract 17"',
    '<%= config.bin %> admin plan set ada@example.com none --reason "contract ended"',
  ]
  static override args = {
    email: Args.string({ required: true, description: 'the e-mail address of the account' }),
    plan: Args.string({ required: true, options: [...planNames, 'none'], description: 'the plan' }),
  }
  static override flags = {
    reason: string({ required: true, helpValue: 'TEXT', description: 'why; it stands in the audit log' }),
  }

  async run() {
    const { args, flags } = await this.parse(AdminPlanSet)
    const given = planNames.find(name => name === args.plan) ?? null
    const body = { email: args.email, plan: given, reason: flags.reason }
    const { account, plan, source } = await call(backendTarget(this.context(flags)), givePlan, { body })
    this.log(`${args.email} has ${plan.title}: ${sourceInWords[source]}.`)
    return { account, plan: plan.name, source }
  }
}
