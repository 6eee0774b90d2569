import { boolean, integer, option, string } from '@oclif/core/flags'
import { type Machine, type ProviderName, providerNames } from '@spoq/contracts/machine'
import { exitStatus } from '@spoq/contracts/problem'
import { SpoqCommand } from '../command.ts'
import { confirmServer, nextStep } from '../connection/confirm.ts'
import type { Context } from '../context.ts'
import { provision } from '../machine/provision.ts'
import { backendTarget } from '../target.ts'

export default class Provision extends SpoqCommand {
  static override summary = 'Make a machine.'
  static override examples = [
    '<%= config.bin %> provision',
    '<%= config.bin %> provision --name otter --provider local --json',
    '<%= config.bin %> provision --provider hetzner --region nbg1 --size cx23 --yes --no-wait',
    '<%= config.bin %> provision --template seedbox',
    '<%= config.bin %> provision --provider byo --address 203.0.113.7',
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
    address: string({ helpGroup: 'SERVER', helpValue: 'ADDRESS', description: 'your own server (--provider byo)' }),
    port: integer({ helpGroup: 'SERVER', min: 1, max: 65_535, description: 'of its SSH; default: 22' }),
    user: string({
      helpGroup: 'SERVER',
      helpValue: 'USER',
      description: 'who becomes root there without a password; default: root',
    }),
    fingerprint: string({
      helpGroup: 'SERVER',
      helpValue: 'SHA256:…',
      description: 'of its SSH host key, which you have checked',
    }),
    connection: string({ helpGroup: 'SERVER', helpValue: 'ID', description: 'one that was begun: connection list' }),
    template: option({
      options: ['spoq', 'seedbox'] as const,
      default: 'spoq',
      description: 'what it is set up as; a seedbox is paid from credit, by the day',
    })(),
    'accept-policy': string({
      helpValue: 'VERSION',
      description: 'ask nothing: this version of what a seedbox needs was read, and is accepted',
    }),
    wait: boolean({ allowNo: true, default: true, description: 'wait until it can be used' }),
    yes: boolean({ char: 'y', description: 'ask nothing: take the price as it is' }),
  }

  async run() {
    const { flags } = await this.parse(Provision)
    const context = this.context(flags)
    const { name, wait, region, size, yes, template } = flags
    const provider: ProviderName | undefined = flags.provider
    const backend = backendTarget(context)
    const wanted = { name, provider, template, region, size, yes, wait, acceptPolicy: flags['accept-policy'] }
    if (provider !== 'byo' && (flags.address ?? flags.connection) === undefined)
      return this.done(context, await provision(context, backend, wanted), wait)
    const server = await confirmServer(context, backend, flags, line => this.log(line))
    if ('probe' in server) {
      // Not an error: something is to be done elsewhere first.
      process.exitCode = exitStatus.approval
      this.log(`${server.connection.line}\n\n${nextStep(server)}`)
      return { ...server, next: nextStep(server) }
    }
    return this.done(context, await provision(context, backend, { ...wanted, provider: 'byo', server }), wait)
  }

  private done(context: Context, machine: Machine, wait: boolean) {
    this.log(wait ? `${machine.name} is running at ${machine.endpoint}.` : `${machine.name} is being made.`)
    this.log(wait ? `Try: ${context.bin} ask "what can you do here?"` : `Follow it with ${context.bin} status --watch.`)
    return { machine }
  }
}
