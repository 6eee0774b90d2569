import { call } from '@spoq/client/call'
import { drainPool, type PoolState } from '@spoq/contracts/pool'
import { poolLines } from '../../../admin/pool.ts'
import { SpoqCommand } from '../../../command.ts'
import { backendTarget } from '../../../target.ts'

export default class AdminPoolDrain extends SpoqCommand {
  static override summary = 'End all machines that are made ahead, and make no more until admin pool set.'
  static override description = 'Machines of people are not touched: who asks for one waits until it is made.'
  static override examples = ['<%= config.bin %> admin pool drain']

  async run(): Promise<PoolState> {
    const { flags } = await this.parse(AdminPoolDrain)
    const state = await call(backendTarget(this.context(flags)), drainPool)
    this.log(poolLines(state))
    return state
  }
}
