import { string as text } from '@oclif/core/flags'
import { call } from '@spoq/client/call'
import { type BudgetState, setBudget, showBudget } from '@spoq/contracts/model'
import { SpoqError } from '@spoq/contracts/problem'
import { SpoqCommand } from '../../../command.ts'
import { budgetLines, limitOf } from '../../../model/money.ts'
import { machineTarget } from '../../../target.ts'

export default class ModelBudgetSet extends SpoqCommand {
  static override summary = 'Set what a turn and a day (UTC) may use, in dollars or tokens.'

  static override description =
    `A call that could pass a budget is not made, and none may answer more than is left. What runs on your own machine
costs no dollars; a model whose price nobody knows is refused while there is a budget in dollars.`

  static override examples = [
    '<%= config.bin %> model budget set --turn 0.50 --day 5',
    '<%= config.bin %> model budget set --day 2000000tokens',
    '<%= config.bin %> model budget set --turn none',
  ]

  static override flags = {
    turn: text({ helpValue: 'AMOUNT', description: 'of one turn: dollars, Ntokens, or none' }),
    day: text({ helpValue: 'AMOUNT', description: 'of a day, midnight to midnight UTC' }),
  }

  async run(): Promise<BudgetState> {
    const { flags } = await this.parse(ModelBudgetSet)
    const { turn, day } = flags
    if (turn === undefined && day === undefined)
      throw new SpoqError('usage', { message: 'No budget was given.', next: 'Example: --turn 0.50 --day 5' })
    const target = await machineTarget(this.context(flags))
    const { budget } = await call(target, showBudget)
    const body = { turn: limitOf(turn, budget.turn, '--turn'), day: limitOf(day, budget.day, '--day') }
    const state = await call(target, setBudget, { body })
    this.log(budgetLines(state))
    return state
  }
}
