import { call } from '@spoq/client/call'
import { listRules } from '@spoq/contracts/rule'
import { SpoqCommand } from '../../command.ts'
import { table } from '../../output.ts'
import { oneLine } from '../../render/visible.ts'
import { whereOf } from '../../rule/where.ts'
import { machineTarget } from '../../target.ts'

export default class RuleList extends SpoqCommand {
  static override summary = 'List what agents on your machine may do without asking, and what never.'
  static override description = 'Of several rules that match a call, deny counts before ask, and ask before allow.'
  static override examples = ['<%= config.bin %> rule list', '<%= config.bin %> rule list --json']

  async run() {
    const { flags } = await this.parse(RuleList)
    const { rules } = await call(await machineTarget(this.context(flags)), listRules)
    const rows = rules.map(rule => [rule.effect, oneLine(rule.rule), whereOf(rule), rule.id])
    this.log(rules.length === 0 ? 'There are no rules: what a mode asks about is asked.' : table(head, rows))
    return { rules }
  }
}

const head = ['', 'RULE', 'WHERE', 'ID']
