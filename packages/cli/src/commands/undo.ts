import { string } from '@oclif/core/args'
import { string as text } from '@oclif/core/flags'
import { call } from '@spoq/client/call'
import { SpoqError } from '@spoq/contracts/problem'
import { sessionId, undoEdits } from '@spoq/contracts/session'
import { lastSession } from '../ask/rejoin.ts'
import { SpoqCommand } from '../command.ts'
import { oneLine } from '../render/visible.ts'
import { machineTarget } from '../target.ts'

export default class Undo extends SpoqCommand {
  static override summary = "Take back the agent's own edits of a turn."
  static override description =
    `Files that the turn changed get their old content, files that it created are removed. A file that somebody
changed since is left as it is and named; what commands did is not undone. To repeat it is harmless.`

  static override examples = [
    '<%= config.bin %> undo',
    '<%= config.bin %> undo sess_4f0c2a9d7b1e6a35c1d2 --turn turn_91ab02c3d4e5f6071829',
    '<%= config.bin %> undo --json',
  ]

  static override args = {
    session: string({ ignoreStdin: true, description: 'which session; default: the one used last' }),
  }

  static override flags = {
    turn: text({ helpValue: 'ID', description: 'which turn; default: the last one that edited something' }),
  }

  async run() {
    const { args, flags } = await this.parse(Undo)
    const target = await machineTarget(this.context(flags))
    const session = args.session ?? (await lastSession(target))
    if (!sessionId.safeParse(session).success) throw new SpoqError('session_not_found')
    const undone = await call(target, undoEdits, { params: { session }, body: { turn: flags.turn } })
    for (const { path, change } of undone.done) this.log(`${change.padEnd(9)}  ${oneLine(path)}`)
    for (const { path, reason } of undone.skipped) this.log(`skipped    ${oneLine(path)}: ${oneLine(reason)}`)
    this.logToStderr(`The edits of ${undone.turn}. What commands did is not undone.`)
    return { session, ...undone }
  }
}
