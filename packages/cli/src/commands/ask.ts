import { string } from '@oclif/core/args'
import { boolean, string as text } from '@oclif/core/flags'
import type { SpoqError } from '@spoq/contracts/problem'
import type { Mode } from '@spoq/contracts/session'
import { checkRules } from '../ask/approve-rule.ts'
import { SpoqCommand } from '../command.ts'

export default class Ask extends SpoqCommand {
  static override summary = 'Ask the agent on your machine; the answer streams as it comes.'

  static override description =
    `What you name goes with the question: standard input, -f FILE[:FROM-TO], @path in the words. What else the agent
needs it may read, list and search below the current folder: never .env files, keys or what .gitignore leaves out.

In the mode plan it changes nothing, in ask (the usual one) edits and commands wait for you, in auto-edit only commands
do, in full nothing does. A command that destroys is never run. What it edited, spoq undo takes back.

Ctrl-C stops the turn, twice leaves at once. A turn belongs to the machine: when this computer goes away it goes on,
and --session ID without a question joins it again, from any device. With --json each line is one event; an error
that no event tells is a last line {"error":{"code","message","next"}}.`

  static override examples = [
    '<%= config.bin %> ask "what does this project do?"',
    'git diff | <%= config.bin %> ask review this',
    '<%= config.bin %> ask -f src/main.ts:10-40 "why does this loop?"',
    '<%= config.bin %> ask -f shot.png "what is wrong on this page?"',
    '<%= config.bin %> ask --continue "and how do I test @src/main.ts?"',
    '<%= config.bin %> ask --mode plan "how would you split this file?"',
    '<%= config.bin %> ask --json --approve "run(npm *)" "do the tests pass?"',
  ]

  static override args = {
    question: string({ multiple: true, ignoreStdin: true, description: 'the question; @path in it names a file' }),
  }

  static override flags = {
    file: text({
      char: 'f',
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'FILE[:FROM-TO]',
      description: 'send this file, or these lines of it; an image as an image',
    }),
    session: text({ helpValue: 'ID', exclusive: ['continue'], description: 'go on in this session' }),
    continue: boolean({ char: 'c', description: 'go on in the session used last' }),
    model: text({ char: 'm', helpValue: 'NAME', description: 'the model that answers; demo is always there' }),
    mode: text({
      options: ['plan', 'ask', 'auto-edit', 'full'],
      helpValue: 'MODE',
      description: 'how far it goes by itself: plan, ask, auto-edit, full; kept by the session',
    }),
    approve: text({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'RULE',
      description: 'allow beforehand: tool or tool(pattern); deny refuses all that would be asked',
    }),
    files: boolean({
      default: true,
      allowNo: true,
      description: 'let the agent look at files below the current folder',
    }),
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Ask)
    const { approve = [], file: files = [], model } = flags
    const mode = flags.mode as Mode | undefined
    checkRules(approve)
    const context = this.context(flags)
    const { machineTarget } = await import('../target.ts')
    const target = await machineTarget(context)
    // Only now: who is refused shall not have waited for all of this to load.
    const { carryOut } = await import('../ask/carry-out.ts')
    const words = (args.question ?? []).join(' ')
    const session = flags.continue ? ({ last: true } as const) : flags.session
    const asked = { words, files, session, model, mode, approve, offersFiles: flags.files }
    const failure = await carryOut(asked, target, context)
    if (failure) this.fail(failure, context.json)
  }

  /** With --json the turn's last event has said it already. */
  private fail(failure: SpoqError, json: boolean): never {
    if (json) this.exit(failure.exit)
    throw failure
  }

  /** The events are all that is printed. */
  protected override logJson(): void {}
}
