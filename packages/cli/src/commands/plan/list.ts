import { call } from '@spoq/client/call'
import { listPlans, showPlan } from '@spoq/contracts/plan'
import { SpoqError } from '@spoq/contracts/problem'
import { SpoqCommand } from '../../command.ts'
import { plansTable, sourceInWords } from '../../plan/plan.ts'
import { backendTarget } from '../../target.ts'

export default class PlanList extends SpoqCommand {
  static override summary = 'Compare the plans: what each costs and allows. Yours is marked.'
  static override description = 'Machines on hardware of your own (local, byo) are not counted.'
  static override examples = ['<%= config.bin %> plan list', '<%= config.bin %> plan list --json']

  async run() {
    const { flags } = await this.parse(PlanList)
    const backend = backendTarget(this.context(flags))
    const [{ plans, usual }, mine] = await Promise.all([
      call(backend, listPlans),
      call(backend, showPlan).catch(unlessSignedOut),
    ])
    this.log(plansTable(plans, mine?.plan.name ?? null))
    if (mine) this.log(`* Yours: ${mine.plan.title}, ${sourceInWords[mine.source]}.`)
    return { plans, usual, mine: mine ? { plan: mine.plan.name, source: mine.source } : null }
  }
}

/** One can look before one signs up. */
function unlessSignedOut(error: unknown): null {
  if (error instanceof SpoqError && error.code === 'not_signed_in') return null
  throw error
}
