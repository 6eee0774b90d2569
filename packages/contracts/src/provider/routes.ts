import * as z from 'zod/mini'
import { route } from '../http/index.ts'
import { place, providerName, templateName } from '../machine/machine.ts'
import { offer, quote } from './provider.ts'

export const listProviders = route({
  method: 'get',
  path: '/api/providers',
  summary: 'Lists who makes machines here, where, how large, and for how much.',
  caller: 'account',
  scope: 'machine:read',
  status: 200,
  answer: z.object({ providers: z.array(offer) }),
  errors: [],
})

export const quoteMachine = route({
  method: 'get',
  path: '/api/quote',
  summary: 'Says what a machine would cost, and what would be chosen of what is left open.',
  caller: 'account',
  scope: 'machine:read',
  query: z.object({
    provider: z.optional(providerName),
    template: z.optional(templateName),
    region: z.optional(place),
    size: z.optional(place),
  }),
  status: 200,
  answer: quote,
  errors: [
    'provider_unknown',
    'provider_failed',
    'region_unknown',
    'size_unknown',
    'plan_limit',
    'template_unknown',
    'workload_refused',
  ],
})
