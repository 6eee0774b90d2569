import { boolean, string } from '@oclif/core/flags'
import { SpoqCommand } from '../../command.ts'
import { addKeys } from '../../device/add.ts'
import { chooseKeys, keyInWords } from '../../device/choose-keys.ts'
import { deviceNameOf } from '../../device/device-name.ts'
import { findKeys } from '../../device/find-keys.ts'
import { findProfile } from '../../device/where.ts'
import { backendTarget } from '../../target.ts'

const one = { exactlyOne: ['sshid', 'github', 'file', 'agent', 'new'] }

export default class DeviceAdd extends SpoqCommand {
  static override summary = 'Let an SSH key sign in to a machine.'
  static override description =
    `Keys come from a handle at ssh.id (Termius: Settings, SSH Key, Share), from GitHub, a file, your SSH agent, or are made new.
What was found is shown with its fingerprints and chosen; a handle answers whatever its owner publishes, so look at them.
A key is pending until somebody signs in with it.`
  static override aliases = ['key:add']
  static override examples = [
    '<%= config.bin %> device add --new',
    '<%= config.bin %> device add --file ~/.ssh/id_ed25519.pub',
    '<%= config.bin %> device add --sshid oaftobark',
    '<%= config.bin %> device add --github alice --fingerprint SHA256:uNiVztksCsDhcc0u9e8BrAKDn0YjVWjW0mdkC9d7BdE',
    '<%= config.bin %> device add --agent --all --profile work',
  ]
  static override flags = {
    sshid: string({ ...one, helpValue: 'HANDLE', description: 'the keys of a handle at ssh.id' }),
    github: string({ ...one, helpValue: 'USER', description: 'the keys of a user of GitHub' }),
    file: string({ ...one, helpValue: 'PATH', description: 'a file with public keys' }),
    agent: boolean({ ...one, description: 'the keys of your SSH agent' }),
    new: boolean({ ...one, description: 'a new Ed25519 key, made in ~/.ssh' }),
    profile: string({ helpValue: 'NAME', description: "for which login name; default: the machine's own" }),
    name: string({ helpValue: 'NAME', description: 'what you call it' }),
    all: boolean({ description: 'all keys that are found', exclusive: ['fingerprint'] }),
    fingerprint: string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'SHA256:…',
      description: 'this key of those that are found',
    }),
  }

  async run() {
    const { flags } = await this.parse(DeviceAdd)
    const context = this.context(flags)
    const backend = backendTarget(context)
    const name = flags.name === undefined ? undefined : deviceNameOf(flags.name)
    // Where it goes is known before a key is made.
    const profile = await findProfile(context, backend, flags.profile)
    const found = await findKeys(context, flags)
    for (const { key } of found.keys) this.logToStderr(keyInWords(key))
    for (const { line, why } of found.refused) this.logToStderr(`Line ${line} is left out: this is ${why}.`)
    const { all, fingerprint: fingerprints = [] } = flags
    const keys = await chooseKeys(context.terminal, found, { all, fingerprints })
    const devices = await addKeys(backend, profile.id, keys, { ...found, name })
    for (const device of devices)
      this.log(`${device.name} may sign in to ${device.machineName} as ${device.profileName}: ${device.fingerprint}`)
    return { devices, ...(found.privateFile ? { privateFile: found.privateFile } : {}) }
  }
}
