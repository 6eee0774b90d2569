import { string } from '@oclif/core/args'
import { boolean } from '@oclif/core/flags'
import { call } from '@spoq/client/call'
import { SpoqError } from '@spoq/contracts/problem'
import { removeProfile } from '@spoq/contracts/profile'
import { SpoqCommand } from '../../command.ts'
import { findProfile } from '../../device/where.ts'
import { backendTarget } from '../../target.ts'
import { confirm } from '../../terminal.ts'

export default class ProfileRemove extends SpoqCommand {
  static override summary = 'Remove a login name from a machine, and revoke its devices.'
  static override examples = [
    '<%= config.bin %> profile remove work',
    '<%= config.bin %> profile remove work --machine otter --yes',
  ]
  static override args = {
    name: string({ required: true, ignoreStdin: true, description: 'as profile list shows it' }),
  }
  static override flags = { yes: boolean({ char: 'y', description: 'do not ask' }) }

  async run() {
    const { args, flags } = await this.parse(ProfileRemove)
    const context = this.context(flags)
    const backend = backendTarget(context)
    const { id, name, machineName } = await findProfile(context, backend, args.name)
    const message = `Remove ${name} from ${machineName}, and revoke its devices?`
    if (!flags.yes && !(await confirm(context.terminal, { message, flag: '--yes', default: false })))
      throw new SpoqError('interrupted', { message: 'Nothing was removed.' })
    await call(backend, removeProfile, { params: { profile: id } })
    this.log(`${name} is removed from ${machineName}.`)
    return { removed: id }
  }
}
