import { string } from '@oclif/core/args'
import { boolean } from '@oclif/core/flags'
import { SpoqCommand } from '../command.ts'
import { copy, readPaths } from '../ssh/copy.ts'
import { sshFlags, sshOption } from '../ssh/flags.ts'
import { wayTo } from '../ssh/way.ts'

export default class Cp extends SpoqCommand {
  static override summary = 'Copy files to your machine, or from it.'

  static override description =
    `One side is MACHINE:path, or :path on the machine that is chosen; a path that does not begin
with / is below the home folder there. It is this computer's own scp, over the same way as
spoq ssh.`

  static override examples = [
    '<%= config.bin %> cp notes.txt :notes.txt',
    '<%= config.bin %> cp -r src otter:app/',
    '<%= config.bin %> cp otter:app/result.csv .',
  ]

  static override args = {
    paths: string({ multiple: true, required: true, ignoreStdin: true, description: 'SRC… DST' }),
  }

  static override flags = {
    ...sshFlags,
    recursive: boolean({ char: 'r', description: 'folders with all that is in them' }),
    ...sshOption,
  }

  async run() {
    const { args, flags } = await this.parse(Cp)
    const copying = readPaths(args.paths)
    const context = this.context(copying.machine === undefined ? flags : { ...flags, machine: copying.machine })
    const way = await wayTo(context, flags.profile)
    await copy(way, copying, {
      recursive: flags.recursive,
      quiet: context.json,
      extra: flags['ssh-option'] ?? [],
    })
    return { ...copying, machine: way.machine }
  }
}
