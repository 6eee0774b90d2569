import { call } from '@spoq/client/call'
import { machineHistory } from '@spoq/contracts/machine'
import { SpoqCommand } from '../../command.ts'
import { machineArgument } from '../../machine/argument.ts'
import { findMachine } from '../../machine/find.ts'
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
    this.log(`${machineListing(machine)}\n`)
    const moves = records.map(({ at, action, from, to, actor, credential, reason }) => {
      const what = from || to ? `${action} ${from ?? '-'} -> ${to ?? '-'}` : action
      return [at, what, actor, credential ?? '', reason ?? '']
    })
    this.log(table(['AT', 'WHAT', 'WHO', 'BY', 'WHY'], moves))
    return { machine, history: records }
  }
}
