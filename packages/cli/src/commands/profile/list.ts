import { call } from '@spoq/client/call'
import { listDevices } from '@spoq/contracts/device'
import { listProfiles } from '@spoq/contracts/profile'
import { SpoqCommand } from '../../command.ts'
import { table } from '../../output.ts'
import { backendTarget } from '../../target.ts'

export default class ProfileList extends SpoqCommand {
  static override summary = 'List the login names of your machines.'
  static override examples = ['<%= config.bin %> profile list', '<%= config.bin %> profile list --json']

  async run() {
    const { flags } = await this.parse(ProfileList)
    const backend = backendTarget(this.context(flags))
    const [{ profiles }, { devices }] = await Promise.all([call(backend, listProfiles), call(backend, listDevices)])
    const rows = profiles.map(({ id, machineName, name, isDefault, mayForward, mayTty }) => [
      machineName,
      isDefault ? `${name} (default)` : name,
      String(devices.filter(({ profile }) => profile === id).length),
      mayForward ? 'yes' : 'no',
      mayTty ? 'yes' : 'no',
      isDefault ? machineName : `${machineName}+${name}`,
    ])
    this.log(
      rows.length > 0
        ? table(['MACHINE', 'PROFILE', 'DEVICES', 'FORWARDS', 'TERMINAL', 'SSH USER'], rows)
        : `No machine yet. Run ${this.config.bin} provision.`,
    )
    return { profiles }
  }
}
