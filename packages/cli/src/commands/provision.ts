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
    '<%= config.bin %> provision --provider hetzner --region nbg1 --size cx23 --yes --no-wait',
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
    region: string({ helpValue: 'REGION', description: 'where, by `provider list`; default: the cheapest' }),
    size: string({
      helpValue: 'SIZE',
      description: 'how large, by `provider list`; default: the cheapest that will do',
    }),
    template: option({ options: ['spoq'] as const, default: 'spoq', description: 'what it is set up as' })(),
    wait: boolean({ allowNo: true, default: true, description: 'wait until it can be used' }),
    yes: boolean({ char: 'y', description: 'ask nothing: take the price as it is' }),
  }

  async run() {
    const { flags } = await this.parse(Provision)
    const context = this.context(flags)
    const { name, wait, region, size, yes } = flags
    const provider: ProviderName | undefined = flags.provider
    const machine = await provision(context, backendTarget(context), { name, provider, region, size, yes, wait })
    this.log(wait ? `${machine.name} is running at ${machine.endpoint}.` : `${machine.name} is being made.`)
    this.log(wait ? `Try: ${context.bin} ask "what can you do here?"` : `Follow it with ${context.bin} status --watch.`)
    return { machine }
  }
}
