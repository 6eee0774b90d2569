import { call } from '@spoq/client/call'
import { addDomain } from '@spoq/contracts/domain'
import { SpoqCommand } from '../../../command.ts'
import { domainArguments, domainOf } from '../../../machine/domain.ts'
import { findMachine } from '../../../machine/find.ts'
import { backendTarget } from '../../../target.ts'

export default class MachineDomainAdd extends SpoqCommand {
  static override summary = 'Claim a domain of yours for a machine.'
  static override examples = ['<%= config.bin %> machine domain add otter app.example.com']
  static override args = domainArguments

  async run() {
    const { args, flags } = await this.parse(MachineDomainAdd)
    const context = this.context(flags)
    const backend = backendTarget(context)
    const { id, name } = await findMachine(context, backend, args.name)
    const domain = await call(backend, addDomain, { params: { machine: id, domain: domainOf(args.domain) } })
    this.log(`Add this TXT record to your DNS:\n  ${domain.proof.name}  ${domain.proof.value}`)
    if (domain.target)
      this.log(
        `Point ${domain.domain} at the gateway, which leads to ${name} wherever that stands:\n  CNAME  ${domain.target}`,
      )
    this.log(`Then: ${context.bin} machine domain verify ${name} ${domain.domain}`)
    return { domain }
  }
}
