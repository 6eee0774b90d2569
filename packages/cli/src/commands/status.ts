import { setTimeout as sleep } from 'node:timers/promises'
import { boolean } from '@oclif/core/flags'
import { SpoqCommand } from '../command.ts'
import { readStatus, statusLines } from '../machine/status.ts'

export default class Status extends SpoqCommand {
  static override summary = 'Show how your machines are doing.'
  static override examples = [
    '<%= config.bin %> status',
    '<%= config.bin %> status --machine otter',
    '<%= config.bin %> status --watch --json',
  ]
  static override flags = {
    watch: boolean({ description: 'go on, and say what changes' }),
  }

  async run() {
    const { flags } = await this.parse(Status)
    const context = this.context(flags)
    let status = await readStatus(context)
    this.log(statusLines(context, status))
    if (!flags.watch) return status
    for (let shown = JSON.stringify(status); process.stdout.writable; ) {
      await sleep(1000)
      status = await readStatus(context)
      if (JSON.stringify(status) === shown) continue
      shown = JSON.stringify(status)
      if (flags.json) this.logJson(status)
      else this.log(`\n${statusLines(context, status)}`)
    }
    return undefined
  }
}
