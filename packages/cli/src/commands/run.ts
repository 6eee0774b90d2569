import { string } from '@oclif/core/args'
import { boolean, string as text } from '@oclif/core/flags'
import { SpoqError } from '@spoq/contracts/problem'
import { SpoqCommand } from '../command.ts'
import { readEnvironment } from '../run/environment.ts'

export default class Run extends SpoqCommand {
  static override summary = 'Run a command on your machine, in its workspace.'

  static override description =
    `Output comes byte for byte as the command writes it; the exit status is the command's own, or 128 + n when signal n
ended it. What is piped in becomes its standard input; a terminal's keys do not (that is what spoq ssh is for).

Ctrl-C sends it SIGINT; twice kills it and leaves. With --json each line is one event, output in base64.`

  static override examples = [
    '<%= config.bin %> run -- npm test',
    'tar c . | <%= config.bin %> run -- tar x',
    '<%= config.bin %> run --cwd app --env NODE_ENV=test --env TOKEN -- make check',
  ]

  static override args = {
    command: string({ multiple: true, ignoreStdin: true, description: 'the program and its arguments, after --' }),
  }

  static override flags = {
    env: text({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'NAME[=VALUE]',
      description: 'set a variable; without a value the one it has here',
    }),
    cwd: text({ helpValue: 'DIR', default: '.', description: 'where to run, relative to the workspace' }),
    input: boolean({ default: true, allowNo: true, description: 'pass on what is piped in' }),
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Run)
    const command = args.command ?? []
    if (command.length === 0) throw noCommand(this.config.bin)
    const environment = readEnvironment(flags.env ?? [], process.env)
    const { machineTarget } = await import('../target.ts')
    const target = await machineTarget(this.context(flags))
    const { runCommand } = await import('../run/run.ts')
    const { processInterrupts } = await import('../render/interrupts.ts')
    const running = {
      target,
      input: flags.input && !process.stdin.isTTY ? process.stdin : null,
      stdout: process.stdout,
      stderr: process.stderr,
      json: flags.json ?? false,
      interrupts: processInterrupts,
    }
    const status = await runCommand(running, { command, environment, directory: flags.cwd })
    if (status !== 0) this.exit(status)
  }

  /** The events are all that is printed. */
  protected override logJson(): void {}
}

const noCommand = (bin: string) =>
  new SpoqError('usage', {
    message: 'No command to run was given.',
    next: `Put it after two dashes: ${bin} run -- npm test`,
  })
