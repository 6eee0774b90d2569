import { SpoqCommand } from '../command.ts'
import { complete } from '../complete/complete.ts'
import { contextOf } from '../context.ts'
import { topics } from '../help.ts'

export default class Complete extends SpoqCommand {
  static override summary = 'Print what could stand at the cursor; the scripts of spoq completion call it.'
  static override hidden = true
  static override enableJsonFlag = false
  static override strict = false

  /** The words are taken as they are: parsing them would refuse what is only half written. */
  async run(): Promise<void> {
    const from = this.argv.indexOf('--') + 1
    const words = [...this.argv.slice(from), ...(this.argv[0] === '--empty' ? [''] : [])]
    const where = { bin: this.config.bin, root: this.config.root, env: process.env }
    const house = { commands: this.config.commands, topics }
    const lines = await complete(house, words, flags => contextOf(flags, where))
    if (lines.length > 0) console.log(lines.join('\n'))
    // A connection that still tries to come about would hold the shell.
    process.exitCode = 0
    if (process.stdout.writableLength === 0) process.exit(0)
    process.stdout.once('drain', () => process.exit(0))
  }
}
