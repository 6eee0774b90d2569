import { string } from '@oclif/core/args'
import { call } from '@spoq/client/call'
import { SpoqError } from '@spoq/contracts/problem'
import { removeRule, ruleId } from '@spoq/contracts/rule'
import { SpoqCommand } from '../../command.ts'
import { machineTarget } from '../../target.ts'

export default class RuleRemove extends SpoqCommand {
  static override summary = 'Remove a rule; what it decided is asked again.'
  static override examples = ['<%= config.bin %> rule remove rule_4f0c2a9d7b1e6a35c1d2']
  static override args = {
    id: string({ required: true, ignoreStdin: true, description: 'as rule list shows it' }),
  }

  async run() {
    const { args, flags } = await this.parse(RuleRemove)
    if (!ruleId.safeParse(args.id).success) throw new SpoqError('rule_not_found')
    await call(await machineTarget(this.context(flags)), removeRule, { params: { rule: args.id } })
    this.log('It is removed.')
    return { removed: args.id }
  }
}
