import { string } from '@oclif/core/args'
import { boolean, string as text } from '@oclif/core/flags'
import { SpoqError } from '@spoq/contracts/problem'
import { SpoqCommand } from '../../command.ts'
import type { Context } from '../../context.ts'
import { report } from '../../fault.ts'
import { readEnvironment } from '../../run/environment.ts'

export default class Run extends SpoqCommand {
  static override summary = 'Run a command on your machine, in its workspace.'

  static override description =
    `Output comes byte for byte as the command writes it; the exit status is the command's own, or 128 + n when signal n
ended it. What is piped in becomes its standard input; a terminal's keys do not: --tty gives it a terminal over SSH, with
its size, its Ctrl-C, and standard error on it as well.

Ctrl-C sends it SIGINT; twice kills it and leaves. With --detach it goes on by itself, see spoq run list|logs|kill. With
--json each line is one event, output in base64.

Without --directory it runs in the workspace, or, below a folder that --map or spoq sync gave a place there, in that place.
With --sync that folder is synced before, as spoq sync does it; when something cannot be brought over nothing is run.

The words list, logs, kill and map right after run are commands of Spoq; a program of that name goes after --: spoq run -- list`

  static override examples = [
    '<%= config.bin %> run -- npm test',
    'tar c . | <%= config.bin %> run -- tar x',
    '<%= config.bin %> run --directory app -e NODE_ENV=test -e TOKEN --env-from .env.ci -- make check',
    '<%= config.bin %> run --map app -- npm test',
    '<%= config.bin %> run --sync -- make test',
    '<%= config.bin %> run --detach -- npm run build',
    '<%= config.bin %> run --tty -- htop',
  ]

  static override args = {
    command: string({ multiple: true, ignoreStdin: true, description: 'the program and its arguments, after --' }),
  }

  static override flags = {
    tty: boolean({
      char: 't',
      exclusive: ['detach', 'env', 'env-from', 'json'],
      description: 'with a terminal, over SSH: for what shows a screen, or asks',
    }),
    env: text({
      char: 'e',
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'NAME[=VALUE]',
      description: 'set a variable; without a value the one it has here',
    }),
    // Not --env-file: Node itself reads a file named so, also behind the script, and takes NODE_OPTIONS from it.
    'env-from': text({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'FILE',
      description: 'set the variables of this file, lines NAME=value',
    }),
    directory: text({ aliases: ['cwd'], helpValue: 'DIR', description: 'where to run, relative to the workspace' }),
    map: text({
      helpValue: 'DIR',
      exclusive: ['directory'],
      description: 'run there, and from now on for this folder and all below it',
    }),
    sync: boolean({
      exclusive: ['directory', 'map'],
      description: 'first sync this folder, or the synced one around it, and run in its place there',
    }),
    detach: boolean({ char: 'd', description: 'print the id of the run and leave; nothing is piped in' }),
    input: boolean({ default: true, allowNo: true, description: 'pass on what is piped in' }),
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Run)
    const command = args.command ?? []
    if (command.length === 0) throw noCommand(this.config.bin)
    const environment = readEnvironment({ values: flags.env ?? [], files: flags['env-from'] ?? [] }, process.env)
    const context = this.context(flags)
    if (flags.sync) await (await import('../../run/sync-first.ts')).syncFirst(context, process.cwd())
    const { directoryFor, mapFolder } = await import('../../run/map.ts')
    const directory = flags.map ?? flags.directory ?? directoryFor(context, process.cwd())
    const started = () => void (flags.map !== undefined && mapFolder(context, process.cwd(), flags.map))
    if (flags.tty) return this.onTerminal(context, command, directory, started)
    const { machineTarget } = await import('../../target.ts')
    const target = await machineTarget(context)
    if (flags.detach) {
      const { startDetached } = await import('../../run/detached.ts')
      const run = await startDetached(target, { command, environment, directory })
      started()
      return console.log(flags.json ? JSON.stringify({ run }) : run)
    }
    const { runCommand } = await import('../../run/run.ts')
    const { processInterrupts } = await import('../../render/interrupts.ts')
    const running = {
      target,
      input: flags.input && !process.stdin.isTTY ? process.stdin : null,
      stdout: process.stdout,
      stderr: process.stderr,
      json: flags.json ?? false,
      interrupts: processInterrupts,
      started,
    }
    const status = await runCommand(running, { command, environment, directory })
    if (status !== 0) this.exit(status)
  }

  private async onTerminal(context: Context, command: string[], directory: string, started: () => void): Promise<void> {
    const { runOnTerminal } = await import('../../run/terminal.ts')
    const { status, failure } = await runOnTerminal(context, command, directory)
    if (failure) report(failure, { bin: this.config.bin, json: false })
    else started()
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
