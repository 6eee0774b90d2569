import { string } from '@oclif/core/args'
import { boolean } from '@oclif/core/flags'
import { SpoqError } from '@spoq/contracts/problem'
import { lastSession } from '../../ask/rejoin.ts'
import { SpoqCommand } from '../../command.ts'
import { findSession } from '../../session/find.ts'
import { showOn } from '../../session/show.ts'
import { machineTarget } from '../../target.ts'

export default class SessionShow extends SpoqCommand {
  static override summary = 'Show all that was asked and answered in a session.'
  static override description =
    'It ends with what is there now; spoq ask --session ID follows a turn that still runs. With --json each line is an event.'
  static override examples = [
    '<%= config.bin %> session show 4f0c2a',
    '<%= config.bin %> session show --last',
    '<%= config.bin %> session show sess_4f0c2a9d --json',
  ]
  static override args = {
    session: string({ ignoreStdin: true, description: 'its id, or as much of it as tells it from the others' }),
  }
  static override flags = {
    last: boolean({ description: 'the session used last' }),
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(SessionShow)
    if ((args.session === undefined) === !flags.last)
      throw new SpoqError('usage', { message: 'Which session?', next: 'Name one of spoq session list, or say --last.' })
    const target = await machineTarget(this.context(flags))
    const session = args.session === undefined ? await lastSession(target) : await findSession(target, args.session)
    await showOn(process.stdout, target, session, flags.json ?? false)
  }

  /** The events are all that is printed. */
  protected override logJson(): void {}
}
