import { string } from '@oclif/core/args'
import { boolean } from '@oclif/core/flags'
import { SpoqCommand } from '../command.ts'
import { report } from '../fault.ts'
import { sshFlags, sshOption } from '../ssh/flags.ts'
import { openShell } from '../ssh/shell.ts'
import { wayTo } from '../ssh/way.ts'

export default class Ssh extends SpoqCommand {
  static override summary = 'Open a shell on your machine, or run a command there, over SSH.'

  static override description =
    `It is this computer's own ssh, with your keys, your agent and your ~/.ssh/config; where the
machine is and which host key answers there is taken from the server. One of your keys has to
be known: spoq device add.

As with ssh, the words after -- are joined and the shell there reads them. The exit status is
the command's own; 255 says that SSH itself failed.`

  static override examples = [
    '<%= config.bin %> ssh',
    '<%= config.bin %> ssh -m otter --profile work',
    '<%= config.bin %> ssh -- uname -a',
    "<%= config.bin %> ssh --tty -- 'cd app && top'",
    '<%= config.bin %> ssh --ssh-option=-A --ssh-option=-v',
  ]

  static override args = {
    command: string({ multiple: true, ignoreStdin: true, description: 'what to run there, after --' }),
  }

  static override flags = {
    ...sshFlags,
    tty: boolean({ char: 't', description: 'give the command a terminal' }),
    ...sshOption,
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Ssh)
    const way = await wayTo(this.context(flags), flags.profile)
    const { status, failure } = await openShell(way, {
      command: args.command ?? [],
      extra: flags['ssh-option'] ?? [],
      tty: flags.tty,
      hasTerminal: process.stdin.isTTY,
    })
    if (failure) report(failure, { bin: this.config.bin, json: flags.json ?? false })
    if (status !== 0) this.exit(status)
  }

  /** What stands on stdout is the command's. */
  protected override logJson(): void {}
}
