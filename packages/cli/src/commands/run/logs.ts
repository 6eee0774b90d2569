import { boolean } from '@oclif/core/flags'
import { SpoqCommand } from '../../command.ts'
import { findRun, runArgument } from '../../run/find.ts'
import { showLogs } from '../../run/logs.ts'
import { machineTarget } from '../../target.ts'

export default class RunLogs extends SpoqCommand {
  static override summary = 'Print what a command printed on your machine.'
  static override description =
    `Byte for byte, each stream on its own. The machine keeps the newest 16 MiB of a run; what was dropped before is told on
stderr. Ctrl-C ends the looking only. With --json each line is one event, output in base64.`
  static override examples = [
    '<%= config.bin %> run logs 4f0c2a',
    '<%= config.bin %> run logs 4f0c2a --follow',
    '<%= config.bin %> run logs 4f0c2a --stderr',
  ]
  static override args = runArgument
  static override flags = {
    follow: boolean({ char: 'f', description: 'go on until the command ends' }),
    stdout: boolean({ exclusive: ['stderr'], description: 'its standard output alone' }),
    stderr: boolean({ description: 'its standard error alone' }),
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(RunLogs)
    const target = await machineTarget(this.context(flags))
    const run = await findRun(target, args.run)
    const only = flags.stdout ? 'stdout' : flags.stderr ? 'stderr' : undefined
    await showLogs(target, { run, follow: flags.follow, only, json: flags.json ?? false }, process)
  }

  /** The events are all that is printed. */
  protected override logJson(): void {}
}
