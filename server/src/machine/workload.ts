import type { ProviderName } from '@spoq/contracts/machine'
import { SpoqError } from '@spoq/contracts/problem'
import { type KnownTemplate, templates } from '../template/table.ts'
import type { MachinePorts } from './ports.ts'

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
