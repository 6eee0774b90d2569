import { string } from '@oclif/core/args'
import { string as text } from '@oclif/core/flags'
import { call } from '@spoq/client/call'
import { SpoqError } from '@spoq/contracts/problem'
import { addRule, type Effect, ruleText } from '@spoq/contracts/rule'
import { SpoqCommand } from '../../command.ts'
import { whereOf } from '../../rule/where.ts'
import { machineTarget } from '../../target.ts'

export default class RuleAdd extends SpoqCommand {
  static override summary = 'Keep a rule about what agents on your machine may do.'
  static override description =
    `A rule is tool or tool(pattern). In a pattern * stands for anything; a pattern for a command line
never matches one that holds more than the commands it names. The tools are read, glob, grep, edit and run.`

  static override examples = [
    '<%= config.bin %> rule add "run(npm test *)"',
    '<%= config.bin %> rule add --effect deny "edit(migrations/*)"',
    '<%= config.bin %> rule add --effect ask --folder shop "run(git push *)"',
  ]

  static override args = {
    rule: string({ required: true, ignoreStdin: true, description: 'tool or tool(pattern)' }),
  }

  static override flags = {
    effect: text({ options: ['allow', 'ask', 'deny'], default: 'allow', description: 'what it does' }),
    folder: text({ helpValue: 'DIR', description: 'only in this folder of the workspace; default: everywhere' }),
  }

  async run() {
    const { args, flags } = await this.parse(RuleAdd)
    if (!ruleText.safeParse(args.rule).success)
      throw new SpoqError('usage', {
        message: `"${args.rule}" is no rule.`,
        next: 'A rule is tool or tool(pattern), such as "run(npm *)".',
      })
    const body = { rule: args.rule, effect: flags.effect as Effect, folder: flags.folder ?? null }
    const rule = await call(await machineTarget(this.context(flags)), addRule, { body })
    this.log(`${rule.effect} ${rule.rule}, ${whereOf(rule)}. ${rule.id}`)
    return rule
  }
}
