import { call } from '@spoq/client/call'
import { removeDomain } from '@spoq/contracts/domain'
import { SpoqCommand } from '../../../command.ts'
import { domainArguments, domainOf } from '../../../machine/domain.ts'
import { findMachine } from '../../../machine/find.ts'
import { backendTarget } from '../../../target.ts'

export default class MachineDomainRemove extends SpoqCommand {
  static override summary = 'Take a domain away from a machine.'
  static override examples = ['<%= config.bin %> machine domain remove otter app.example.com']
  static override args = domainArguments

  async run() {
    const { args, flags } = await this.parse(MachineDomainRemove)
    const context = this.context(flags)
    const backend = backendTarget(context)
    const { id, name } = await findMachine(context, backend, args.name)
    const domain = domainOf(args.domain)
    await call(backend, removeDomain, { params: { machine: id, domain } })
    this.log(`${domain} is no longer ${name}'s.`)
    return { domain }
  }
}
