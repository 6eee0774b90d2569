// An instance as Contabo tells of it, and what it is to us.

import * as z from 'zod/mini'
import type { Resource } from '../provider.ts'
import { everyPage } from '../shared/pages.ts'
import type { Contabo } from './options.ts'

const address = z.nullish(z.object({ ip: z.nullish(z.string()) }))
export const instance = z.object({
  instanceId: z.number(),
  displayName: z.string(),
  status: z.string(),
  /** A day, `2026-12-21`; empty while it is not cancelled. */
  cancelDate: z.nullish(z.string()),
  errorMessage: z.nullish(z.string()),
  ipConfig: z.nullish(z.object({ v4: address, v6: address })),
})
export type Instance = z.infer<typeof instance>

/** Every answer is a list; of one thing it holds one. */
export const oneOf = <T extends z.ZodMiniType>(shape: T) => z.object({ data: z.tuple([shape]) })
export const pageOf = <T extends z.ZodMiniType>(shape: T) =>
  z.object({ data: z.array(shape), _pagination: z.object({ page: z.number(), totalPages: z.number() }) })

/** The name that is shown carries whose machine it is, which Spoq's, and whether it was wiped. */
export const nameOf = (machine: string, { installation }: Pick<Contabo, 'installation'>) =>
  `spoq-${installation}-${machine}`
export const wipedName = (machine: string, contabo: Contabo) => `${nameOf(machine, contabo)}${wipedMark}`
const wipedMark = '-wiped'

export interface Tag {
  machine: string
  isWiped: boolean
}

/** What an instance's name says; null for others'. */
export function tagOf({ displayName }: Pick<Instance, 'displayName'>, { installation }: Contabo): Tag | null {
  const ours = `spoq-${installation}-`
  const [, machine, mark] = /^(mach_[a-z0-9]+)(-wiped)?$/.exec(displayName.slice(ours.length)) ?? []
  if (!displayName.startsWith(ours) || machine === undefined) return null
  return { machine, isWiped: mark === wipedMark }
}

/** An instance of ours; null for others'. One that a person cancelled goes on until its end. */
export function resourceOf(found: Instance, contabo: Contabo): Resource | null {
  const tag = tagOf(found, contabo)
  if (!tag) return null
  const v4 = found.ipConfig?.v4?.ip
  const v6 = found.ipConfig?.v6?.ip
  const endsAt = found.cancelDate ? `${found.cancelDate.slice(0, 10)}T00:00:00.000Z` : undefined
  return {
    ref: String(found.instanceId),
    machine: tag.machine,
    endpoint: null,
    addresses: { ...(v4 && { v4 }), ...(v6 && { v6 }) },
    ...(endsAt && { endsAt }),
    ...(tag.isWiped ? wiped(endsAt) : conditionOf(found)),
  }
}

type Condition = Pick<Resource, 'state' | 'reason' | 'stuck'>

function wiped(endsAt: string | undefined): Condition {
  return endsAt ? { state: 'ending' } : { state: 'failed', reason: 'It is wiped, but not yet cancelled.' }
}

function conditionOf({ status, errorMessage }: Instance): Condition {
  if (status === 'running' || status === 'stopped') return { state: status }
  if (status === 'error') return { state: 'failed', reason: errorMessage || 'Contabo could not install it.' }
  const reason = stuck[status]
  return reason ? { state: 'creating', stuck: true, reason } : { state: 'creating' }
}

/** Statuses that never end by themselves, and what a person has to see to. */
const stuck: Readonly<Record<string, string>> = {
  manual_provisioning: 'Contabo provisions it by hand: ask its support.',
  verification_required: 'Contabo wants the account verified first: see its customer panel.',
  pending_payment: 'Contabo waits for a payment: see its customer panel.',
  product_not_available: 'Contabo cannot deliver this product: ask its support.',
  rescue: 'It runs its rescue system: restart it in the customer panel.',
}

/** Whether nothing was ever put on its disk, and nothing will be before a person has seen to it. */
export const isEmpty = ({ status }: Instance) => status in stuck && status !== 'rescue'

/** Every instance of the account that is this Spoq's. What its filters match is not documented: they are not used. */
export async function listInstances(contabo: Contabo): Promise<Instance[]> {
  const all = await everyPage(1, async page => {
    const query = { page, size: 100 }
    const answer = await contabo.api.ask(pageOf(instance), 'GET', '/v1/compute/instances', { query })
    return { items: answer.data, next: nextOf(answer) }
  })
  return all.filter(one => tagOf(one, contabo))
}

export const nextOf = ({ _pagination: { page, totalPages } }: z.infer<ReturnType<typeof pageOf>>) =>
  page < totalPages ? page + 1 : null
