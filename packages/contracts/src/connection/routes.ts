import * as z from 'zod/mini'
import { route } from '../http/index.ts'
import { connection, connectionId, probe, serverAddress, serverUser } from './connection.ts'

const one = z.object({ connection: connectionId })

export const listConnections = route({
  method: 'get',
  path: '/api/connections',
  summary: "Lists the ways to servers of the owner's, newest first.",
  caller: 'account',
  scope: 'machine:read',
  status: 200,
  answer: z.object({ connections: z.array(connection) }),
  errors: [],
})

export const createConnection = route({
  method: 'post',
  path: '/api/connections',
  summary: 'Makes an SSH key for a server, and the line that lets it in. Repeated it answers the same.',
  caller: 'account',
  scope: 'machine:write',
  body: z.object({
    address: serverAddress,
    port: z._default(z.int().check(z.gte(1), z.lte(65_535)), 22),
    /** root, or one who becomes root by sudo without a password. */
    user: z._default(serverUser, 'root'),
  }),
  status: 200,
  answer: connection,
  errors: ['provider_unknown', 'address_refused', 'connection_limit'],
})

export const showConnection = route({
  method: 'get',
  path: '/api/connections/{connection}',
  summary: 'Shows one way to a server.',
  caller: 'account',
  scope: 'machine:read',
  params: one,
  status: 200,
  answer: connection,
  errors: ['connection_not_found'],
})

export const probeConnection = route({
  method: 'post',
  path: '/api/connections/{connection}/probe',
  summary: 'Connects to the server and says how it looks; nothing is changed there.',
  caller: 'account',
  scope: 'machine:write',
  params: one,
  status: 200,
  answer: probe,
  errors: ['connection_not_found', 'address_refused'],
})

export const rotateConnection = route({
  method: 'post',
  path: '/api/connections/{connection}/rotate',
  summary: 'Puts a new SSH key in the place of the one before, on the server too.',
  caller: 'account',
  scope: 'machine:write',
  params: one,
  status: 200,
  answer: connection,
  errors: ['connection_not_found', 'connection_unready', 'host_key_changed', 'address_refused'],
})

export const removeConnection = route({
  method: 'delete',
  path: '/api/connections/{connection}',
  summary: 'Forgets a server and the key for it; the key is taken off the server where that can be reached.',
  caller: 'account',
  scope: 'machine:write',
  params: one,
  status: 200,
  /** `line`: takes the key off by hand; null when it is off already. */
  answer: z.object({ line: z.nullable(z.string()) }),
  errors: ['connection_not_found', 'connection_in_use'],
})
