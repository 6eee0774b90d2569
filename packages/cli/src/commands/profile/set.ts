import { string } from '@oclif/core/args'
import { boolean } from '@oclif/core/flags'
import { call } from '@spoq/client/call'
import { SpoqError } from '@spoq/contracts/problem'
import { setProfile } from '@spoq/contracts/profile'
import { SpoqCommand } from '../../command.ts'
import { findProfile } from '../../device/where.ts'
import { backendTarget } from '../../target.ts'

export default class ProfileSet extends SpoqCommand {
  static override summary = 'Say what those who come in by a login name may do.'
  static override examples = [
    '<%= config.bin %> profile set spoq --forward',
    '<%= config.bin %> profile set work --no-tty',
  ]
  static override args = {
    name: string({ required: true, ignoreStdin: true, description: 'as profile list shows it' }),
  }
  static override flags = {
    forward: boolean({ allowNo: true, description: 'let ports and an SSH agent be forwarded' }),
    tty: boolean({ allowNo: true, description: 'let it have a terminal' }),
  }

  async run() {
    const { args, flags } = await this.parse(ProfileSet)
    const { forward: mayForward, tty: mayTty } = flags
    if (mayForward === undefined && mayTty === undefined)
      throw new SpoqError('usage', {
        message: 'Nothing is said to change.',
        next: 'Say --forward, --no-forward, --tty or --no-tty.',
      })
    const context = this.context(flags)
    const backend = backendTarget(context)
    const { id } = await findProfile(context, backend, args.name)
    const profile = await call(backend, setProfile, { params: { profile: id }, body: { mayForward, mayTty } })
    this.log(
      `${profile.name}: forwarding ${profile.mayForward ? 'on' : 'off'}, terminal ${profile.mayTty ? 'on' : 'off'}.`,
    )
    return { profile }
  }
}
