import { string } from '@oclif/core/args'
import { boolean, string as text } from '@oclif/core/flags'
import { SpoqError } from '@spoq/contracts/problem'
import { SpoqCommand } from '../command.ts'
import { syncedFolder } from '../sync/folder.ts'

export default class Sync extends SpoqCommand {
  static override summary = 'Keep a folder here and one on your machine the same.'

  static override description =
    `What changed on one side is brought to the other. Where both changed, both are kept, one as NAME.conflict-DEVICE; an edit
beats a delete. What .gitignore names, .git, node_modules and what has the name of a secret (.env, *.pem, .aws, .npmrc, SSH
keys) stays where it is, unless --include names it. Folders with nothing in them are not synced, and a folder that is empty as a
whole deletes nothing on the other side.

The folder on the machine has the same name, below its workspace; spoq run from here then runs in it. Ctrl-C is safe at any
moment: what is there is whole, and the next sync goes on.

Exit status 5 when something could not be brought over: it is listed. With --json each line is one object.`

  static override examples = [
    '<%= config.bin %> sync',
    '<%= config.bin %> sync app --watch',
    '<%= config.bin %> sync --dry-run',
    '<%= config.bin %> sync --pull',
    '<%= config.bin %> sync --include .git --to projects/app',
  ]

  static override args = { folder: string({ default: '.', description: 'the folder here' }) }

  static override flags = {
    to: text({ helpValue: 'DIR', description: 'the folder on the machine, relative to the workspace' }),
    'dry-run': boolean({ description: 'say what would be done, and do nothing' }),
    watch: boolean({
      exclusive: ['dry-run'],
      description: 'go on: what is saved on one side is brought to the other at once',
    }),
    pull: boolean({ description: 'take from the machine, and change nothing there' }),
    include: text({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'NAME',
      description: 'take this name or path along, whatever keeps it home',
    }),
    join: boolean({ description: 'join two folders that both hold something already' }),
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Sync)
    const context = this.context(flags)
    const folder = syncedFolder(context, args.folder, flags.to)
    const [{ machineTarget }, { holdAndSync }] = await Promise.all([
      import('../target.ts'),
      import('../sync/hold-and-sync.ts'),
    ])
    const target = await machineTarget(context)
    const { pull, watch, join = false, include = [] } = flags
    const how = { include, pull, watch, join, dryRun: flags['dry-run'] }
    const result = await holdAndSync(context, target, folder, how)
    if (result.failed.length === 0) return
    // Each was listed.
    if (!flags.json) console.error(unfinished(result.failed.length).message)
    this.exit(unfinished(0).exit)
  }

  /** A line each is printed as it happens. */
  protected override logJson(): void {}
}

const unfinished = (count: number) =>
  new SpoqError('sync_unfinished', { message: `${count} ${count === 1 ? 'path' : 'paths'} could not be brought over.` })
