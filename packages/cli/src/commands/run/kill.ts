import { string } from '@oclif/core/flags'
import { call } from '@spoq/client/call'
import { signalRun, signals } from '@spoq/contracts/run'
import { SpoqCommand } from '../../command.ts'
import { findRun, runArgument } from '../../run/find.ts'
import { machineTarget } from '../../target.ts'

export default class RunKill extends SpoqCommand {
  static override summary = 'Send a signal to a command on your machine and all that it started.'
  static override examples = ['<%= config.bin %> run kill 4f0c2a', '<%= config.bin %> run kill 4f0c2a --signal SIGKILL']
  static override args = runArgument
  static override flags = {
    signal: string({ char: 's', options: [...signals], default: 'SIGTERM', description: 'which one' }),
  }

  async run() {
    const { args, flags } = await this.parse(RunKill)
    const target = await machineTarget(this.context(flags))
    const run = await findRun(target, args.run)
    const signal = flags.signal as (typeof signals)[number]
    await call(target, signalRun, { params: { run }, body: { signal } })
    this.log(`${run} was sent ${signal}.`)
    return { run, signal }
  }
}
