import { string } from '@oclif/core/args'
import { boolean } from '@oclif/core/flags'
import { call } from '@spoq/client/call'
import { loseDevice } from '@spoq/contracts/device'
import { SpoqError } from '@spoq/contracts/problem'
import { SpoqCommand } from '../../command.ts'
import { backendTarget } from '../../target.ts'
import { confirm } from '../../terminal.ts'

export default class DeviceLost extends SpoqCommand {
  static override summary = 'End all that a lost computer has: its SSH keys and its logins together.'
  static override description =
    `Its name is that of a device or of a login, as device list and login list show them. What belongs to both is ended at once.
Tokens for scripts that you made there stay: look at token list.`
  static override aliases = ['key:lost']
  static override examples = ['<%= config.bin %> device lost alice@laptop', '<%= config.bin %> device lost phone --yes']
  static override args = {
    name: string({ required: true, ignoreStdin: true, description: 'what the computer is called' }),
  }
  static override flags = { yes: boolean({ char: 'y', description: 'do not ask' }) }

  async run() {
    const { args, flags } = await this.parse(DeviceLost)
    const { name } = args
    const context = this.context(flags)
    const message = `End all SSH keys and logins of ${name}?`
    if (!flags.yes && !(await confirm(context.terminal, { message, flag: '--yes', default: false })))
      throw new SpoqError('interrupted', { message: 'Nothing was ended.' })
    const lost = await call(backendTarget(context), loseDevice, { body: { name } })
    for (const { name, fingerprint } of lost.devices) this.log(`Key ended: ${name}  ${fingerprint}`)
    for (const { id, name } of lost.logins) this.log(`Login ended: ${name}  ${id}`)
    return lost
  }
}
