import * as z from 'zod/mini'
import { nothing, route } from '../http/index.ts'
import { machineId } from '../machine/machine.ts'
import { domain, domainName } from './domain.ts'

const ofMachine = z.object({ machine: machineId })
const one = z.object({ machine: machineId, domain: domainName })

export const listDomains = route({
  method: 'get',
  path: '/api/machines/{machine}/domains',
  summary: 'Lists the domains of a machine.',
  caller: 'account',
  scope: 'machine:read',
  params: ofMachine,
  status: 200,
  answer: z.object({ domains: z.array(domain) }),
  errors: ['machine_not_found'],
})

export const addDomain = route({
  method: 'put',
  path: '/api/machines/{machine}/domains/{domain}',
  summary: 'Claims a domain for a machine, and says what has to stand in its DNS. Repeated it answers the same.',
  caller: 'account',
  scope: 'machine:write',
  params: one,
  status: 200,
  answer: domain,
  errors: ['machine_not_found', 'domain_refused', 'domain_limit', 'plan_limit'],
})

export const verifyDomain = route({
  method: 'post',
  path: '/api/machines/{machine}/domains/{domain}/verify',
  summary: "Looks for the proof in the domain's DNS; with it the domain is the machine's.",
  caller: 'account',
  scope: 'machine:write',
  params: one,
  status: 200,
  answer: domain,
  errors: ['machine_not_found', 'domain_not_found', 'domain_unproven', 'domain_taken', 'unavailable'],
})

export const removeDomain = route({
  method: 'delete',
  path: '/api/machines/{machine}/domains/{domain}',
  summary: 'Takes a domain away from a machine.',
  caller: 'account',
  scope: 'machine:write',
  params: one,
  status: 204,
  answer: nothing,
  errors: ['machine_not_found', 'domain_not_found'],
})
