import { call } from '@spoq/client/call'
import { type BudgetState, showBudget } from '@spoq/contracts/model'
import { SpoqCommand } from '../../../command.ts'
import { budgetLines } from '../../../model/money.ts'
import { machineTarget } from '../../../target.ts'

export default class ModelBudgetShow extends SpoqCommand {
  static override summary = 'Show what your models may use, and have used today.'
  static override examples = ['<%= config.bin %> model budget show', '<%= config.bin %> model budget show --json']

  async run(): Promise<BudgetState> {
    const { flags } = await this.parse(ModelBudgetShow)
    const state = await call(await machineTarget(this.context(flags)), showBudget)
    this.log(budgetLines(state))
    return state
  }
}
