import { integer } from '@oclif/core/flags'
import { call } from '@spoq/client/call'
import { listSessions } from '@spoq/contracts/session'
import { SpoqCommand } from '../../command.ts'
import { chosenName } from '../../machine/chosen.ts'
import { sessionTable } from '../../session/table.ts'
import { machineTarget } from '../../target.ts'

export default class SessionList extends SpoqCommand {
  static override summary = 'List the sessions of your machine, the one used last first.'
  static override examples = [
    '<%= config.bin %> session list',
    '<%= config.bin %> session list --limit 5 --machine otter',
    '<%= config.bin %> session list --json',
  ]
  static override flags = {
    limit: integer({ char: 'n', default: 20, min: 1, max: 500, helpValue: 'N', description: 'how many at most' }),
  }

  async run() {
    const { flags } = await this.parse(SessionList)
    const context = this.context(flags)
    const { sessions } = await call(await machineTarget(context), listSessions, { query: { limit: flags.limit } })
    const machine = chosenName(context)
    const columns = process.stdout.isTTY ? process.stdout.columns : undefined
    this.log(
      sessions.length > 0
        ? sessionTable(sessions, { machine, now: context.now(), columns })
        : `No session yet. Begin one: ${context.bin} ask "what can you do here?"`,
    )
    return { machine, sessions }
  }
}
