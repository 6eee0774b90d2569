import { boolean, integer, string } from '@oclif/core/flags'
import { SpoqCommand } from '../command.ts'

export default class Up extends SpoqCommand {
  static override summary = 'Run everything on this computer: a backend, an account, a machine.'
  static override description =
    `What is there already is used again. It stays up until Ctrl-C; the machine goes on after that, and the next
"up" finds it. Without a terminal, or with --yes, the account is made up and its password kept in a file.`
  static override examples = [
    '<%= config.bin %> up',
    '<%= config.bin %> up --yes --exit --ask "list the files here and tell me what this project is"',
    '<%= config.bin %> up --port 4200 --data-dir /tmp/second --json',
  ]
  static override flags = {
    ask: string({ helpValue: 'QUESTION', description: 'ask this as soon as all is ready' }),
    exit: boolean({ description: 'end after the answer instead of staying up' }),
    port: integer({ min: 0, max: 65_535, description: 'the port of the backend; 0: any free one. Default: 4100' }),
    'data-dir': string({
      helpValue: 'PATH',
      description: 'where everything is kept (SPOQ_DATA_DIR). Default: ~/.spoq',
    }),
    yes: boolean({ char: 'y', description: 'ask nothing' }),
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(Up)
    const context = this.context(flags)
    const { up } = await import('../up/up.ts')
    const ending = new AbortController()
    let status = 0
    process.on('SIGTERM', () => ending.abort())
    process.on('SIGINT', () => {
      status = 130
      ending.abort()
    })
    const { ask: question, exit, port } = flags
    const failure = await up(context, { question, exit, port, signal: ending.signal })
    if (failure && !context.json) throw failure
    // Whatever was still under way when Ctrl-C came is not waited for.
    if (ending.signal.aborted) process.exit(status)
    if (failure) this.exit(failure.exit)
  }

  /** The ready line and the events are all that is printed. */
  protected override logJson(): void {}
}
