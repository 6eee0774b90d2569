import { call } from '@spoq/client/call'
import { listDomains } from '@spoq/contracts/domain'
import { SpoqCommand } from '../../../command.ts'
import { machineArgument } from '../../../machine/argument.ts'
import { domainTable } from '../../../machine/domain.ts'
import { findMachine } from '../../../machine/find.ts'
import { backendTarget } from '../../../target.ts'

export default class MachineDomainList extends SpoqCommand {
  static override summary = 'List the domains of a machine, and what has to stand in their DNS.'
  static override examples = ['<%= config.bin %> machine domain list otter']
  static override args = machineArgument

  async run() {
    const { args, flags } = await this.parse(MachineDomainList)
    const context = this.context(flags)
    const backend = backendTarget(context)
    const { id, name } = await findMachine(context, backend, args.name ?? context.machine)
    const { domains } = await call(backend, listDomains, { params: { machine: id } })
    this.log(domains.length > 0 ? domainTable(domains) : `${name} has no domain of its own.`)
    return { domains }
  }
}
