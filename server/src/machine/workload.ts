import type { ProviderName } from '@spoq/contracts/machine'
import { SpoqError } from '@spoq/contracts/problem'
import type { Capabilities } from '@spoq/providers'
import { type KnownTemplate, templates } from '../template/table.ts'
import type { MachinePorts } from './ports.ts'

/** The first that makes machines by itself and allows what a template is for; undefined: none does. */
export function firstAllowing(providers: MachinePorts['providers'], template: KnownTemplate): ProviderName | undefined {
  const { workload } = templates[template]
  if (workload === 'general') return undefined
  const allows = ({ setUp, workloads }: Capabilities) => setUp !== 'ssh' && workloads.includes(workload)
  return [...providers].find(([, { capabilities }]) => allows(capabilities))?.[0]
}

/** @throws SpoqError `workload_refused`, with those that allow it, when a provider's terms do not allow what a template is for. */
export function assertWorkload(
  providers: MachinePorts['providers'],
  name: ProviderName,
  template: KnownTemplate,
): void {
  const { workload, title } = templates[template]
  if (workload === 'general') return
  const allowing = [...providers].filter(([, { capabilities }]) => capabilities.workloads.includes(workload))
  const names = allowing.map(([one]) => one)
  if (names.includes(name)) return
  throw new SpoqError('workload_refused', {
    message: `${name} does not allow a ${title} on its machines.`,
    next: names.length > 0 ? `These do: ${names.join(', ')}.` : 'None of this server does: ask whoever runs it.',
  })
}
