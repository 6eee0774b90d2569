import { string } from '@oclif/core/args'
import { call } from '@spoq/client/call'
import { revokeDevice } from '@spoq/contracts/device'
import { SpoqCommand } from '../../command.ts'
import { findDevice } from '../../device/find.ts'
import { backendTarget } from '../../target.ts'

export default class DeviceRevoke extends SpoqCommand {
  static override summary = 'Let an SSH key sign in no more.'
  static override description = 'It is refused at once, and what it has open is cut within seconds.'
  static override aliases = ['key:revoke', 'key:remove']
  static override examples = ['<%= config.bin %> device revoke alice@laptop']
  static override args = {
    device: string({ required: true, ignoreStdin: true, description: 'its name, its id or its fingerprint' }),
  }

  async run() {
    const { args, flags } = await this.parse(DeviceRevoke)
    const backend = backendTarget(this.context(flags))
    const { id, name, machineName } = await findDevice(backend, args.device)
    await call(backend, revokeDevice, { params: { device: id } })
    this.log(`${name} may sign in to ${machineName} no more.`)
    return { revoked: id }
  }
}
