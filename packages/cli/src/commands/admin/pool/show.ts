import { call } from '@spoq/client/call'
import { type PoolState, showPool } from '@spoq/contracts/pool'
import { poolLines } from '../../../admin/pool.ts'
import { SpoqCommand } from '../../../command.ts'
import { backendTarget } from '../../../target.ts'

export default class AdminPoolShow extends SpoqCommand {
  static override summary = 'Show how many machines are made ahead.'
  static override examples = ['<%= config.bin %> admin pool show', '<%= config.bin %> admin pool show --json']

  async run(): Promise<PoolState> {
    const { flags } = await this.parse(AdminPoolShow)
    const state = await call(backendTarget(this.context(flags)), showPool)
    this.log(poolLines(state))
    return state
  }
}
