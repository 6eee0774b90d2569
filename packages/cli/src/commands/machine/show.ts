import { call } from '@spoq/client/call'
import type { Target } from '@spoq/client/target'
import { type Machine, machineHistory } from '@spoq/contracts/machine'
import { showPlan } from '@spoq/contracts/plan'
import { SpoqError } from '@spoq/contracts/problem'
import { listProviders } from '@spoq/contracts/provider'
import { SpoqCommand } from '../../command.ts'
import { machineArgument } from '../../machine/argument.ts'
import { findMachine } from '../../machine/find.ts'
import { overPlanInWords } from '../../machine/over-plan.ts'
import { machineListing } from '../../machine/show.ts'
import { table } from '../../output.ts'
import { backendTarget } from '../../target.ts'

export default class MachineShow extends SpoqCommand {
  static override summary = 'Show a machine and what happened to it.'
  static override examples = ['<%= config.bin %> machine show', '<%= config.bin %> machine show otter --json']
  static override args = machineArgument

  async run() {
    const { args, flags } = await this.parse(MachineShow)
    const context = this.context(flags)
    const backend = backendTarget(context)
    const machine = await findMachine(context, backend, args.name ?? context.machine)
    const { records } = await call(backend, machineHistory, { params: { machine: machine.id } })
    const overPlan = machine.size === null ? null : await overPlanOf(backend, machine)
    this.log(`${machineListing(machine)}\n${overPlan ? `\n${overPlan}\n` : ''}`)
    const moves = records.map(({ at, action, from, to, actor, credential, reason }) => {
      const what = from || to ? `${action} ${from ?? '-'} -> ${to ?? '-'}` : action
      return [at, what, actor, credential ?? '', reason ?? '']
    })
    this.log(table(['AT', 'WHAT', 'WHO', 'BY', 'WHY'], moves))
    return { machine, history: records, overPlan }
  }
}

/** What a token may not see, or nobody knows just now, is no reason to show nothing. */
async function overPlanOf(backend: Target, machine: Machine): Promise<string | null> {
  try {
    const [{ providers }, { plan }] = await Promise.all([call(backend, listProviders), call(backend, showPlan)])
    return overPlanInWords(machine, providers, plan)
  } catch (error) {
    if (error instanceof SpoqError) return null
    throw error
  }
}
