import { boolean, option, string } from '@oclif/core/flags'
import { type ProviderName, providerNames } from '@spoq/contracts/machine'
import { SpoqCommand } from '../command.ts'
import { provision } from '../machine/provision.ts'
import { backendTarget } from '../target.ts'

export default class Provision extends SpoqCommand {
  static override summary = 'Make a machine.'
  static override examples = [
    '<%= config.bin %> provision',
    '<%= config.bin %> provision --name otter --provider local --json',
  ]
  static override flags = {
    name: string({
      helpValue: 'NAME',
      description: '3 to 63 small letters, digits and dashes; default: one is made up',
    }),
    provider: option({
      options: providerNames,
      description: 'who makes it; default: the first one that the server offers',
    })(),
    wait: boolean({ allowNo: true, default: true, description: 'wait until it can be used' }),
    yes: boolean({ char: 'y', description: 'ask nothing' }),
  }

  async run() {
    const { flags } = await this.parse(Provision)
    const context = this.context(flags)
    const { name, wait } = flags
    const provider: ProviderName | undefined = flags.provider
    const machine = await provision(context, backendTarget(context), { name, provider, wait })
    this.log(wait ? `${machine.name} is running at ${machine.endpoint}.` : `${machine.name} is being made.`)
    this.log(wait ? `Try: ${context.bin} ask "what can you do here?"` : `Follow it with ${context.bin} status --watch.`)
    return { machine }
  }
}
