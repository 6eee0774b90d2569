import { call } from '@spoq/client/call'
import { verifyDomain } from '@spoq/contracts/domain'
import { SpoqCommand } from '../../../command.ts'
import { domainArguments, domainOf } from '../../../machine/domain.ts'
import { findMachine } from '../../../machine/find.ts'
import { backendTarget } from '../../../target.ts'

export default class MachineDomainVerify extends SpoqCommand {
  static override summary = 'Look for the proof in the DNS of a domain; with it the domain is the machine’s.'
  static override examples = ['<%= config.bin %> machine domain verify otter app.example.com']
  static override args = domainArguments

  async run() {
    const { args, flags } = await this.parse(MachineDomainVerify)
    const context = this.context(flags)
    const backend = backendTarget(context)
    const { id, name } = await findMachine(context, backend, args.name)
    const domain = await call(backend, verifyDomain, { params: { machine: id, domain: domainOf(args.domain) } })
    this.log(`${domain.domain} is ${name}'s now. Keep the record: it is looked for each day.`)
    return { domain }
  }
}
