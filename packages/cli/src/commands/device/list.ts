import { call } from '@spoq/client/call'
import { listDevices } from '@spoq/contracts/device'
import { SpoqCommand } from '../../command.ts'
import { deviceTable } from '../../device/show.ts'
import { backendTarget } from '../../target.ts'

export default class DeviceList extends SpoqCommand {
  static override summary = 'List the SSH keys that may sign in to your machines.'
  static override description = 'Pending: nobody has signed in with it yet.'
  static override aliases = ['key:list']
  static override examples = ['<%= config.bin %> device list', '<%= config.bin %> device list --json']

  async run() {
    const { flags } = await this.parse(DeviceList)
    const context = this.context(flags)
    const { devices } = await call(backendTarget(context), listDevices)
    this.log(
      devices.length > 0 ? deviceTable(devices, context.now()) : `No device yet. Run ${context.bin} device add --new.`,
    )
    return { devices }
  }
}
