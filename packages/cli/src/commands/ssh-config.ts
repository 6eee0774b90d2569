import { boolean } from '@oclif/core/flags'
import { SpoqCommand } from '../command.ts'
import { install, readHosts, remove, userConfig } from '../ssh/ssh-config.ts'

export default class SshConfig extends SpoqCommand {
  static override summary = 'Let ssh, rsync, git and your editor find your machines as NAME.spoq.'

  static override description =
    `Puts one line into ~/.ssh/config, between "# spoq begin" and "# spoq end", which includes a file
of ours; a profile of a machine is NAME+PROFILE.spoq. All else there stays as it is. Run it again after a machine was
made or renamed.`

  static override examples = [
    '<%= config.bin %> ssh-config',
    '<%= config.bin %> ssh-config --print',
    '<%= config.bin %> ssh-config --remove',
  ]

  static override flags = {
    print: boolean({ description: 'print what ssh has to know, and change nothing of yours', exclusive: ['remove'] }),
    remove: boolean({ description: 'take it away again' }),
  }

  async run() {
    const { flags } = await this.parse(SshConfig)
    const context = this.context(flags)
    const file = userConfig()
    if (flags.remove) {
      const removed = remove(context)
      this.log(removed ? `Taken away from ${file}.` : `${file} has nothing of ours.`)
      return { file, removed }
    }
    const { hosts, text } = await readHosts(context)
    if (flags.print) {
      this.log(text.trimEnd())
      return { hosts, text }
    }
    const changed = install(context, text)
    const known = hosts.length === 0 ? 'You have no machine yet.' : `ssh knows ${hosts.join(', ')}.`
    this.log(`${known} ${changed ? `Written to ${file}.` : 'It was so already.'}`)
    return { file, hosts, changed }
  }
}
