import { integer } from '@oclif/core/flags'
import { call } from '@spoq/client/call'
import { listRuns } from '@spoq/contracts/run'
import { SpoqCommand } from '../../command.ts'
import { runTable } from '../../run/table.ts'
import { machineTarget } from '../../target.ts'

export default class RunList extends SpoqCommand {
  static override summary = 'List the commands that run on your machine, and those that have ended.'
  static override description =
    'A run is lost when the machine was killed under it: nobody knows how it would have ended.'
  static override examples = ['<%= config.bin %> run list', '<%= config.bin %> run list --limit 5 --json']
  static override flags = {
    limit: integer({ char: 'n', default: 20, min: 1, max: 500, helpValue: 'N', description: 'how many at most' }),
  }

  async run() {
    const { flags } = await this.parse(RunList)
    const context = this.context(flags)
    const { runs } = await call(await machineTarget(context), listRuns, { query: { limit: flags.limit } })
    const columns = process.stdout.isTTY ? process.stdout.columns : undefined
    this.log(
      runs.length > 0
        ? runTable(runs, context.now(), columns)
        : `Nothing was run yet. Example: ${context.bin} run -- npm test`,
    )
    return { runs }
  }
}
