import { string } from '@oclif/core/args'
import { call } from '@spoq/client/call'
import { renameDevice } from '@spoq/contracts/device'
import { SpoqCommand } from '../../command.ts'
import { deviceNameOf } from '../../device/device-name.ts'
import { findDevice } from '../../device/find.ts'
import { backendTarget } from '../../target.ts'

export default class DeviceRename extends SpoqCommand {
  static override summary = 'Give an SSH key another name.'
  static override aliases = ['key:rename']
  static override examples = ['<%= config.bin %> device rename oaftobark-1 phone']
  static override args = {
    device: string({ required: true, ignoreStdin: true, description: 'its name, its id or its fingerprint' }),
    name: string({ required: true, ignoreStdin: true, description: 'the new name' }),
  }

  async run() {
    const { args, flags } = await this.parse(DeviceRename)
    const name = deviceNameOf(args.name)
    const backend = backendTarget(this.context(flags))
    const { id } = await findDevice(backend, args.device)
    const device = await call(backend, renameDevice, { params: { device: id }, body: { name } })
    this.log(`It is called ${device.name} now.`)
    return { device }
  }
}
