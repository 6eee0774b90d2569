import { string } from '@oclif/core/args'
import { boolean, string as text } from '@oclif/core/flags'
import { call } from '@spoq/client/call'
import { listDevices } from '@spoq/contracts/device'
import { SpoqCommand } from '../../command.ts'
import { type Change, changeInWords, changesOf, chooseChanges, take } from '../../device/refresh.ts'
import { backendTarget } from '../../target.ts'

export default class DeviceRefresh extends SpoqCommand {
  static override summary = 'Show what the handles that your devices came from publish now, and take what you choose.'
  static override description = 'Without a terminal it only shows, unless --all or --fingerprint says what to take.'
  static override aliases = ['key:refresh']
  static override examples = [
    '<%= config.bin %> device refresh',
    '<%= config.bin %> device refresh oaftobark --json',
    '<%= config.bin %> device refresh --all',
  ]
  static override args = {
    handle: string({ ignoreStdin: true, description: 'this handle alone' }),
  }
  static override flags = {
    all: boolean({ description: 'take all changes', exclusive: ['fingerprint'] }),
    fingerprint: text({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'SHA256:…',
      description: 'take the change of this key',
    }),
  }

  async run() {
    const { args, flags } = await this.parse(DeviceRefresh)
    const context = this.context(flags)
    const backend = backendTarget(context)
    const { devices } = await call(backend, listDevices)
    const changes = await changesOf(context, devices, args.handle)
    for (const change of changes) this.log(changeInWords(change))
    if (changes.length === 0) this.log('Nothing has changed.')
    const { all, fingerprint: fingerprints = [] } = flags
    const chosen = await chooseChanges(context.terminal, changes, { all, fingerprints })
    for (const change of chosen) await take(backend, change)
    if (chosen.length > 0) this.log(`Taken: ${chosen.length} of ${changes.length}.`)
    const toJson = ({ kind, source, place, fingerprint }: Change) => ({ kind, source, place, fingerprint })
    return { changes: changes.map(toJson), taken: chosen.map(toJson) }
  }
}
