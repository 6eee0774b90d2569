import { boolean } from '@oclif/core/flags'
import { SpoqError } from '@spoq/contracts/problem'
import { SpoqCommand } from '../../command.ts'
import { table } from '../../output.ts'
import { readMap, unmapFolder } from '../../run/map.ts'

export default class RunMap extends SpoqCommand {
  static override summary = 'Show which folders here are which folders of the workspace.'
  static override description =
    'spoq run --map DIR makes one: commands from this folder, or below it, run in the matching place.'
  static override examples = ['<%= config.bin %> run map', '<%= config.bin %> run map --remove']
  static override flags = {
    remove: boolean({ description: 'forget what the current folder is mapped to' }),
  }

  async run() {
    const { flags } = await this.parse(RunMap)
    const context = this.context(flags)
    if (flags.remove) {
      const removed = unmapFolder(context, process.cwd())
      if (!removed)
        throw new SpoqError('not_found', { message: 'This folder is not mapped.', next: 'See spoq run map.' })
      this.log(`${removed.local} is mapped no more.`)
      return { removed }
    }
    const mapped = readMap(context)
    const rows = mapped.map(({ local, directory, machine }) => [local, directory, machine ?? ''])
    this.log(rows.length > 0 ? table(['HERE', 'WORKSPACE', 'MACHINE'], rows) : 'No folder is mapped.')
    return { mapped }
  }
}
