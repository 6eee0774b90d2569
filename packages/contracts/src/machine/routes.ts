import * as z from 'zod/mini'
import { auditRecord } from '../audit/audit.ts'
import { connectionId, fingerprint } from '../connection/connection.ts'
import { instant, route } from '../http/index.ts'
import { machine, machineId, machineName, place, providerName, templateName } from './machine.ts'

const one = z.object({ machine: machineId })

export const listMachines = route({
  method: 'get',
  path: '/api/machines',
  summary: 'Lists the machines of the account, newest first.',
  caller: 'account',
  scope: 'machine:read',
  query: z.object({ all: z._default(z.stringbool(), false) }),
  status: 200,
  answer: z.object({ machines: z.array(machine) }),
  errors: [],
})

export const createMachine = route({
  method: 'post',
  path: '/api/machines',
  summary: 'Makes a machine. With an Idempotency-Key, a repeated request answers the machine that the first one made.',
  caller: 'account',
  scope: 'machine:write',
  body: z.object({
    name: z.optional(machineName),
    provider: z.optional(providerName),
    template: z.optional(templateName),
    /** As `GET /api/providers` lists them; left out: the cheapest that is large enough. */
    region: z.optional(place),
    size: z.optional(place),
    /** Refused when the price is another by now: hundredths a month. */
    centsMonthly: z.optional(z.number()),
    /** For a server of the owner's: the way to it, and the fingerprint of its host key that the owner confirmed. */
    connection: z.optional(connectionId),
    fingerprint: z.optional(fingerprint),
  }),
  status: 201,
  answer: machine,
  errors: [
    'plan_limit',
    'template_unknown',
    'workload_refused',
    'policy_unaccepted',
    'credit_short',
    'name_taken',
    'provider_unknown',
    'provider_failed',
    'region_unknown',
    'size_unknown',
    'price_changed',
    'connection_needed',
    'connection_not_found',
    'connection_in_use',
    'connection_unready',
    'host_key_changed',
    'address_refused',
    'email_unverified',
    'idempotency_mismatch',
  ],
})

export const showMachine = route({
  method: 'get',
  path: '/api/machines/{machine}',
  summary: 'Shows one machine.',
  caller: 'account',
  scope: 'machine:read',
  params: one,
  status: 200,
  answer: machine,
  errors: ['machine_not_found'],
})

export const machineHistory = route({
  method: 'get',
  path: '/api/machines/{machine}/history',
  summary: 'Lists the audit records of one machine, oldest first.',
  caller: 'account',
  scope: 'machine:read',
  params: one,
  status: 200,
  answer: z.object({ records: z.array(auditRecord) }),
  errors: ['machine_not_found'],
})

export const renameMachine = route({
  method: 'post',
  path: '/api/machines/{machine}/rename',
  summary: 'Gives the machine another name; the old one leads to it for 30 days more.',
  caller: 'account',
  scope: 'machine:write',
  params: one,
  body: z.object({ name: machineName }),
  status: 200,
  answer: machine,
  errors: ['machine_not_found', 'machine_state', 'name_taken'],
})

export const resizeMachine = route({
  method: 'post',
  path: '/api/machines/{machine}/resize',
  summary: 'Gives the machine another size. It may be off for some minutes.',
  caller: 'account',
  scope: 'machine:write',
  params: one,
  body: z.object({
    size: place,
    /** Refused when the price is another by now: hundredths a month. */
    centsMonthly: z.optional(z.number()),
  }),
  status: 202,
  answer: machine,
  errors: [
    'machine_not_found',
    'machine_state',
    'not_supported',
    'size_unknown',
    'price_changed',
    'plan_limit',
    'provider_failed',
  ],
})

export const stopMachine = route({
  method: 'post',
  path: '/api/machines/{machine}/stop',
  summary: 'Wants the machine stopped; its files stay.',
  caller: 'account',
  scope: 'machine:write',
  params: one,
  status: 202,
  answer: machine,
  errors: ['machine_not_found', 'machine_state'],
})

export const startMachine = route({
  method: 'post',
  path: '/api/machines/{machine}/start',
  summary: 'Wants the machine running; also tries a failed one again.',
  caller: 'account',
  scope: 'machine:write',
  params: one,
  status: 202,
  answer: machine,
  errors: ['machine_not_found', 'machine_state'],
})

export const restartMachine = route({
  method: 'post',
  path: '/api/machines/{machine}/restart',
  summary: 'Restarts the Conductor of a machine that runs; its turns go on afterwards.',
  caller: 'account',
  scope: 'machine:write',
  params: one,
  status: 202,
  answer: machine,
  errors: ['machine_not_found', 'machine_state'],
})

export const rotateMachine = route({
  method: 'post',
  path: '/api/machines/{machine}/rotate',
  summary: 'Takes the password of root at the provider, or the SSH key for the server, away from whoever may know it.',
  caller: 'account',
  scope: 'machine:write',
  params: one,
  status: 202,
  answer: machine,
  errors: ['machine_not_found', 'machine_state', 'not_supported'],
})

const afterwards = z.object({
  /** Null: at once, as there is nothing on it. */
  endsAt: z.nullable(instant),
  /** Whether a final backup is made first. */
  copy: z.boolean(),
})

export const previewEnd = route({
  method: 'get',
  path: '/api/machines/{machine}/end',
  summary: 'Says how the machine would end, were it asked for now.',
  caller: 'account',
  scope: 'machine:read',
  params: one,
  status: 200,
  answer: afterwards,
  errors: ['machine_not_found'],
})

export const endMachine = route({
  method: 'post',
  path: '/api/machines/{machine}/end',
  summary:
    'Ends the machine after a grace: a final backup is made, then it is suspended. At once where nothing is on it. Asked again it changes nothing.',
  caller: 'account',
  scope: 'machine:write',
  params: one,
  status: 202,
  answer: machine,
  errors: ['machine_not_found'],
})

export const keepMachine = route({
  method: 'post',
  path: '/api/machines/{machine}/keep',
  summary: 'Undoes the end of a machine that is in its grace.',
  caller: 'account',
  scope: 'machine:write',
  params: one,
  status: 202,
  answer: machine,
  errors: ['machine_not_found', 'machine_state'],
})

export const terminateMachine = route({
  method: 'post',
  path: '/api/machines/{machine}/terminate',
  summary: 'Wants the machine gone with all its files. Allowed from every state.',
  caller: 'account',
  scope: 'machine:write',
  params: one,
  status: 202,
  answer: machine,
  errors: ['machine_not_found'],
})
