import { string } from '@oclif/core/args'
import { call } from '@spoq/client/call'
import { machineName, renameMachine } from '@spoq/contracts/machine'
import { SpoqError } from '@spoq/contracts/problem'
import { SpoqCommand } from '../../command.ts'
import { forgetMachines } from '../../machine/chosen.ts'
import { findMachine } from '../../machine/find.ts'
import { backendTarget } from '../../target.ts'

export default class MachineRename extends SpoqCommand {
  static override summary = 'Give a machine another name. The old one leads to it for 30 days more.'
  static override examples = ['<%= config.bin %> machine rename otter mole']
  static override args = {
    name: string({ required: true, description: 'its present name, or its id' }),
    to: string({ required: true, description: '3 to 63 small letters, digits and dashes' }),
  }

  async run() {
    const { args, flags } = await this.parse(MachineRename)
    const context = this.context(flags)
    const parsed = machineName.safeParse(args.to)
    if (!parsed.success) throw new SpoqError('usage', { message: `${args.to}: ${parsed.error.issues[0]?.message}.` })
    const backend = backendTarget(context)
    const found = await findMachine(context, backend, args.name)
    const machine = await call(backend, renameMachine, { params: { machine: found.id }, body: { name: parsed.data } })
    forgetMachines(context)
    this.log(`${found.name} is called ${machine.name} now.`)
    return { machine }
  }
}
