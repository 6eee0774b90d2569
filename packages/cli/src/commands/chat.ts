import { boolean, string as text } from '@oclif/core/flags'
import { SpoqError } from '@spoq/contracts/problem'
import type { Mode } from '@spoq/contracts/session'
import { SpoqCommand } from '../command.ts'

export default class Chat extends SpoqCommand {
  static override summary = 'Talk with the agent on your machine, full screen.'

  static override description =
    `Answers stream as they come; what the agent may not do by itself it asks you, here or on any other device. @path in a
question sends that file along, and below the current folder the agent may read, list and search.

Ctrl-C stops the turn, twice leaves, and so does Ctrl-D. A turn belongs to the machine: it goes on when you leave, and
--continue joins it again, from any device. /help lists what else there is.`

  static override examples = [
    '<%= config.bin %> chat',
    '<%= config.bin %> chat --continue',
    '<%= config.bin %> chat --mode plan --model demo',
  ]

  static override flags = {
    session: text({ helpValue: 'ID', exclusive: ['continue'], description: 'go on in this session' }),
    continue: boolean({ char: 'c', description: 'go on in the session used last' }),
    model: text({ char: 'm', helpValue: 'NAME', description: 'the model that answers; demo is always there' }),
    mode: text({
      options: ['plan', 'ask', 'auto-edit', 'full'] as const,
      helpValue: 'MODE',
      description: 'how far the agent may go by itself: plan, ask, auto-edit or full',
    }),
    files: boolean({
      default: true,
      allowNo: true,
      description: 'let the agent look at files below the current folder',
    }),
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(Chat)
    const context = this.context(flags)
    if (context.json) throw noJson(this.config.bin)
    if (!context.terminal.interactive || !context.terminal.animated) throw noTerminal(this.config.bin)
    const { machineTarget } = await import('../target.ts')
    const target = await machineTarget(context)
    // Only now: who is refused shall not have waited for all of this to load.
    const { openChat } = await import('../chat/open-chat.ts')
    const session = flags.continue ? ({ last: true } as const) : flags.session
    const { model, files: offersFiles } = flags
    const mode = flags.mode as Mode | undefined
    const comeBack = await openChat({ session, model, mode, offersFiles }, target, context)
    if (comeBack) this.log(comeBack)
  }
}

const noTerminal = (bin: string) =>
  new SpoqError('needs_terminal', {
    message: 'A chat needs a terminal to show itself on.',
    next: `Without one: ${bin} ask "your question", and ${bin} ask --continue "the next".`,
  })

const noJson = (bin: string) =>
  new SpoqError('usage', {
    message: 'A chat is for people and has no --json.',
    next: `For programs: ${bin} ask --json "your question".`,
  })
