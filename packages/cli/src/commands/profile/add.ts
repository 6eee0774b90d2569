import { string } from '@oclif/core/args'
import { boolean } from '@oclif/core/flags'
import { call } from '@spoq/client/call'
import { addProfile } from '@spoq/contracts/profile'
import { SpoqCommand } from '../../command.ts'
import { profileNameOf } from '../../device/profile-name.ts'
import { findMachine } from '../../machine/find.ts'
import { backendTarget } from '../../target.ts'

export default class ProfileAdd extends SpoqCommand {
  static override summary = 'Add a login name to a machine.'
  static override description =
    'It is a user of its own there, with devices of its own. One that forwards lets ports and an agent through.'
  static override examples = [
    '<%= config.bin %> profile add work',
    '<%= config.bin %> profile add deploy --machine otter --no-tty',
  ]
  static override args = {
    name: string({ required: true, ignoreStdin: true, description: 'small letters, digits, - and _' }),
  }
  static override flags = {
    forward: boolean({ description: 'let ports and an SSH agent be forwarded' }),
    tty: boolean({ default: true, allowNo: true, description: 'let it have a terminal' }),
  }

  async run() {
    const { args, flags } = await this.parse(ProfileAdd)
    const context = this.context(flags)
    const backend = backendTarget(context)
    const name = profileNameOf(args.name)
    const { id: machine } = await findMachine(context, backend)
    const body = { machine, name, mayForward: flags.forward, mayTty: flags.tty }
    const profile = await call(backend, addProfile, { body })
    this.log(`Added. Let a device use it: ${context.bin} device add --profile ${name} --machine ${profile.machineName}`)
    return { profile }
  }
}
