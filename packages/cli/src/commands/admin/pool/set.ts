import { integer } from '@oclif/core/flags'
import { call } from '@spoq/client/call'
import { type PoolState, setPool } from '@spoq/contracts/pool'
import { SpoqError } from '@spoq/contracts/problem'
import { poolLines } from '../../../admin/pool.ts'
import { SpoqCommand } from '../../../command.ts'
import { backendTarget } from '../../../target.ts'

export default class AdminPoolSet extends SpoqCommand {
  static override summary = 'Say how many machines are made ahead.'
  static override description =
    'As many as were asked for in the last minute are kept ready, no fewer than --min and no more than --max.'
  static override examples = [
    '<%= config.bin %> admin pool set --min 5 --max 20',
    '<%= config.bin %> admin pool set --max 50',
  ]
  static override flags = {
    min: integer({ min: 0, max: 1_000, helpValue: 'COUNT', description: 'at least so many are ready' }),
    max: integer({ min: 0, max: 1_000, helpValue: 'COUNT', description: 'and never more' }),
  }

  async run(): Promise<PoolState> {
    const { flags } = await this.parse(AdminPoolSet)
    const { min, max } = flags
    if (min === undefined && max === undefined)
      throw new SpoqError('usage', { message: 'No number was given.', next: 'Example: --min 5 --max 20' })
    const body = { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) }
    const state = await call(backendTarget(this.context(flags)), setPool, { body })
    this.log(poolLines(state))
    return state
  }
}
