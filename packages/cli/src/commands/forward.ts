import { string } from '@oclif/core/args'
import { SpoqCommand } from '../command.ts'
import { sshFlags, sshOption } from '../ssh/flags.ts'
import { forward, readForwarding } from '../ssh/forward.ts'
import { wayTo } from '../ssh/way.ts'

export default class Forward extends SpoqCommand {
  static override summary = 'Reach a port of your machine at this computer.'

  static override description =
    `It says the address once the port really listens, at this computer only. It goes on until
Ctrl-C. With --json each line is one object.`

  static override examples = [
    '<%= config.bin %> forward 3000',
    '<%= config.bin %> forward 8080:3000',
    '<%= config.bin %> forward 5432:db.internal:5432 -m otter',
  ]

  static override args = {
    port: string({ required: true, ignoreStdin: true, description: 'PORT, HERE:THERE or PORT:HOST:PORT' }),
  }

  static override flags = { ...sshFlags, ...sshOption }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Forward)
    const forwarding = readForwarding(args.port)
    const context = this.context(flags)
    const way = await wayTo(context, flags.profile)
    const url = `http://localhost:${forwarding.port}`
    const { host, hostPort } = forwarding
    await forward(way, forwarding, {
      extra: flags['ssh-option'] ?? [],
      listening: () =>
        console.log(
          context.json
            ? JSON.stringify({ listening: url, machine: way.machine, host, port: hostPort })
            : `${url} leads to ${host}:${hostPort} of ${way.machine}. Ctrl-C ends it.`,
        ),
      say: line => this.logToStderr(line),
    })
  }

  /** The lines are all that is printed. */
  protected override logJson(): void {}
}
