import { boolean, integer } from '@oclif/core/flags'
import { call } from '@spoq/client/call'
import { showSetupLog } from '@spoq/contracts/setup'
import { SpoqCommand } from '../../command.ts'
import { machineArgument } from '../../machine/argument.ts'
import { findMachine } from '../../machine/find.ts'
import { followLog, lineOf } from '../../machine/log.ts'
import { backendTarget, machineTarget } from '../../target.ts'

export default class MachineLogs extends SpoqCommand {
  static override summary = "Print what a machine's Conductor says of itself, or how its set-up went."
  static override description =
    'With --json each line is one object. Ctrl-C ends the looking only; a machine that goes away and comes back is read on.'
  static override examples = [
    '<%= config.bin %> machine logs',
    '<%= config.bin %> machine logs otter --follow --lines 20',
    '<%= config.bin %> logs -f',
    '<%= config.bin %> machine logs otter --set-up',
  ]
  static override aliases = ['logs']
  static override args = machineArgument
  static override flags = {
    lines: integer({ char: 'n', default: 100, min: 1, max: 1_000, description: 'so many of the last lines' }),
    follow: boolean({ char: 'f', exclusive: ['set-up'], description: 'go on with what comes' }),
    'set-up': boolean({ description: 'the last lines of its set-up instead, which the server keeps' }),
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(MachineLogs)
    const context = this.context(args.name === undefined ? flags : { ...flags, machine: args.name })
    if (!flags['set-up']) return followLog(await machineTarget(context), flags, text => this.print(text))
    const backend = backendTarget(context)
    const { id, name } = await findMachine(context, backend, context.machine)
    const { log } = await call(backend, showSetupLog, { params: { machine: id } })
    if (!log) return this.print(flags.json ? JSON.stringify({ log: null }) : `${name} needed no set-up.`)
    this.print(flags.json ? JSON.stringify({ log }) : [...log.lines.slice(-flags.lines), lineOf(log)].join('\n'))
  }

  private print(text: string): void {
    process.stdout.write(`${text}\n`)
  }

  /** The lines are all that is printed. */
  protected override logJson(): void {}
}
