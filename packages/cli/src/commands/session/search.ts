import { string } from '@oclif/core/args'
import { integer } from '@oclif/core/flags'
import { call } from '@spoq/client/call'
import { searchSessions } from '@spoq/contracts/session'
import { SpoqCommand } from '../../command.ts'
import { matchLines } from '../../session/table.ts'
import { machineTarget } from '../../target.ts'

export default class SessionSearch extends SpoqCommand {
  static override summary = 'Find words in what was asked and answered.'
  static override description =
    'All words must be there; the last may be the beginning of one. Capitals and accents make no difference.'
  static override examples = [
    '<%= config.bin %> session search race condition',
    '<%= config.bin %> session search --limit 3 --json migration',
  ]
  static override args = {
    words: string({ required: true, multiple: true, ignoreStdin: true, description: 'what to look for' }),
  }
  static override flags = {
    limit: integer({ char: 'n', default: 20, min: 1, max: 100, helpValue: 'N', description: 'how many at most' }),
  }

  async run() {
    const { args, flags } = await this.parse(SessionSearch)
    const context = this.context(flags)
    const query = { words: args.words.join(' '), limit: flags.limit }
    const { matches } = await call(await machineTarget(context), searchSessions, { query })
    this.log(matches.length > 0 ? matchLines(matches, context.now()) : 'Nothing was found.')
    return { matches }
  }
}
