import { boolean, string } from '@oclif/core/flags'
import { call } from '@spoq/client/call'
import { resizeMachine } from '@spoq/contracts/machine'
import { SpoqError } from '@spoq/contracts/problem'
import { quoteMachine } from '@spoq/contracts/provider'
import { SpoqCommand } from '../../command.ts'
import { machineArgument } from '../../machine/argument.ts'
import { findMachine } from '../../machine/find.ts'
import { quoteInWords } from '../../machine/quote.ts'
import { backendTarget } from '../../target.ts'
import { confirm } from '../../terminal.ts'

export default class MachineResize extends SpoqCommand {
  static override summary = 'Give a machine another size. It may be off for some minutes; its files stay.'
  static override examples = ['<%= config.bin %> machine resize otter --size cx33']
  static override args = machineArgument
  static override flags = {
    size: string({ required: true, helpValue: 'SIZE', description: 'by `provider list`' }),
    yes: boolean({ char: 'y', description: 'ask nothing: take the price as it is' }),
  }

  async run() {
    const { args, flags } = await this.parse(MachineResize)
    const context = this.context(flags)
    const backend = backendTarget(context)
    const { id, name, provider, region } = await findMachine(context, backend, args.name ?? context.machine)
    const query = { provider, size: flags.size, ...(region ? { region } : {}) }
    const quote = await call(backend, quoteMachine, { query })
    const message = `${quoteInWords(quote, context.now())} Change ${name} to it?`
    if (!flags.yes && !(await confirm(context.terminal, { message, flag: '--yes', default: true })))
      throw new SpoqError('interrupted', { message: 'Nothing was changed.', next: 'See spoq provider list.' })
    const price = quote.place ? { centsMonthly: quote.place.price.centsMonthly } : {}
    const machine = await call(backend, resizeMachine, {
      params: { machine: id },
      body: { size: flags.size, ...price },
    })
    this.log(`${name} is being changed to ${flags.size}. Follow it with ${context.bin} status --watch.`)
    return { machine }
  }
}
