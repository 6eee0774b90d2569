import { boolean } from '@oclif/core/flags'
import { call } from '@spoq/client/call'
import type { Target } from '@spoq/client/target'
import { type Machine, previewEnd } from '@spoq/contracts/machine'
import { SpoqError } from '@spoq/contracts/problem'
import { SpoqCommand } from '../../command.ts'
import type { Context } from '../../context.ts'
import { machineArgument } from '../../machine/argument.ts'
import { changeMachine } from '../../machine/change.ts'
import { endedInWords, endMachine, questionOf } from '../../machine/end.ts'
import { findMachine } from '../../machine/find.ts'
import { backendTarget } from '../../target.ts'
import { askText, confirm } from '../../terminal.ts'

export default class MachineTerminate extends SpoqCommand {
  static override summary = 'End a machine after some days, or --now.'
  static override description =
    'A final backup is made and checked, then the machine is stopped. Until it is removed, machine keep undoes it; the backup is kept for 30 days more.'
  static override examples = [
    '<%= config.bin %> machine terminate otter',
    '<%= config.bin %> machine terminate otter --yes --no-wait --json',
    '<%= config.bin %> machine terminate otter --now --yes',
  ]
  static override args = machineArgument
  static override flags = {
    now: boolean({ description: 'with all its files, at once: this cannot be undone' }),
    yes: boolean({ char: 'y', description: 'do not ask' }),
    wait: boolean({ allowNo: true, default: true, description: 'wait until it is done' }),
  }

  async run() {
    const { args, flags } = await this.parse(MachineTerminate)
    const context = this.context(flags)
    const backend = backendTarget(context)
    const found = await findMachine(context, backend, args.name ?? context.machine)
    if (flags.now) {
      if (!flags.yes) await typeName(context, found.name)
      const machine = await changeMachine(context, backend, found, { verb: 'terminate', wait: flags.wait })
      this.log(flags.wait ? `${machine.name} is gone.` : `${machine.name} is wanted ${machine.wanted}.`)
      return { machine }
    }
    if (!flags.yes) await agree(context, backend, found)
    const machine = await endMachine(context, backend, found, flags.wait)
    this.log(endedInWords(context, machine))
    return { machine }
  }
}

/** What cannot be undone is agreed to by typing its name. */
async function typeName({ terminal }: Context, name: string): Promise<void> {
  const check = (answer: string) => answer.trim() === name || `Type ${name}, or press Ctrl-C.`
  const message = `All files of ${name} are gone then. Type its name to end it now:`
  await askText(terminal, { message, flag: '--yes', check })
}

/** The person is told before what is kept, and until when. */
async function agree(context: Context, backend: Target, found: Machine): Promise<void> {
  const planned = await call(backend, previewEnd, { params: { machine: found.id } })
  const message = questionOf(found.name, planned)
  if (!(await confirm(context.terminal, { message, flag: '--yes', default: false })))
    throw new SpoqError('interrupted', { message: 'Nothing was changed.', next: 'Run it again to end the machine.' })
}
