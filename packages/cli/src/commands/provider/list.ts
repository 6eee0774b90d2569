import { option } from '@oclif/core/flags'
import { call } from '@spoq/client/call'
import { providerNames } from '@spoq/contracts/machine'
import { listProviders, type Offer } from '@spoq/contracts/provider'
import { SpoqCommand } from '../../command.ts'
import { memoryInWords, money } from '../../machine/quote.ts'
import { table } from '../../output.ts'
import { backendTarget } from '../../target.ts'

export default class ProviderList extends SpoqCommand {
  static override summary = 'List who makes machines here: where, how large, what it costs, and what each can.'
  static override examples = [
    '<%= config.bin %> provider list',
    '<%= config.bin %> provider list --provider hetzner --json',
  ]
  static override flags = {
    provider: option({ options: providerNames, description: 'this one alone' })(),
  }

  async run() {
    const { flags } = await this.parse(ProviderList)
    const { providers: all } = await call(backendTarget(this.context(flags)), listProviders)
    const providers = all.filter(({ name }) => flags.provider === undefined || name === flags.provider)
    for (const offer of providers) this.log(inWords(offer))
    if (providers.length === 0) this.log('This server offers no provider.')
    return { providers }
  }
}

function inWords(offer: Offer): string {
  const { name, can, deletes, billsWhileOff, sizes, problem, templates } = offer
  const facts = [
    `makes ${templates.join(' and ')} machines`,
    ...can,
    deletes === 'now' ? 'ends at once' : 'ends with the paid month',
    billsWhileOff ? 'costs the same when stopped' : 'costs nothing when stopped',
  ]
  const lines = [`${name}: ${facts.join(', ')}`]
  if (problem) return [...lines, `  ${problem}`].join('\n')
  if (sizes.length > 0) lines.push(table(['SIZE', 'CPUS', 'MEMORY', 'DISK', 'A MONTH', 'REGIONS'], sizes.flatMap(rows)))
  return lines.join('\n')
}

/** A row for each price that a size has. */
function rows({ id, cpus, memoryMb, diskGb, prices }: Offer['sizes'][number]): string[][] {
  const byPrice = Map.groupBy(prices, money)
  return [...byPrice].map(([cost, at]) => [
    id,
    String(cpus),
    memoryInWords(memoryMb),
    `${diskGb} GB`,
    cost,
    at.map(({ region }) => region).join(' '),
  ])
}
