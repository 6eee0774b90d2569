// Backends that are wrong on purpose, to see that the bench says so. Each is the real one with something put in between.

import type { ProvisioningProvider } from '@spoq/providers'
import type { Sending } from './watch-connections.ts'
import { nobody } from './world.ts'

export interface Mutant {
  name: string
  provider(provider: ProvisioningProvider): ProvisioningProvider
  sending: Sending | undefined
  /** The machines of different people are called differently: then nobody waits for another's name. */
  namesApart?: true
}

const straight = (provider: ProvisioningProvider) => provider

/** The product as it is. */
export const none: Mutant = { name: 'none', provider: straight, sending: undefined }

export const mutants: Mutant[] = [
  {
    ...none,
    name: 'makes without looking at the list',
    provider: provider => ({
      ...provider,
      find: async () => [],
      list: async () => (await provider.list()).filter(({ machine }) => machine === nobody),
    }),
  },
  {
    ...none,
    name: 'waits for no lagging list',
    provider: provider => ({ ...provider, capabilities: { ...provider.capabilities, listLagMs: 0 } }),
  },
  {
    ...none,
    name: 'writes the audit after the transaction',
    sending: (query, send, later) => {
      if (!query.sql.startsWith('insert into "audit_record"')) return send(query)
      later(query)
      return Promise.resolve({ rows: [] })
    },
  },
  { ...none, name: 'writes over what another wrote', sending: (query, send) => send(unversioned(query)) },
]

/** Of a pool: each gives two people one machine. */
export const claimMutants: Mutant[] = [
  {
    ...none,
    name: "claims what is somebody's",
    sending: (query, send) => send(rewritten(query, sql => given(isClaim(sql) ? anybodys(sql) : sql))),
  },
  {
    ...none,
    name: 'claims without a lock',
    namesApart: true,
    sending: (query, send) =>
      send(rewritten(query, sql => given(isClaim(sql) ? sql.replace(' for update skip locked', '') : sql))),
  },
]

const isClaim = (sql: string) => sql.includes(' for update skip locked') && sql.includes('"pool_form" = ')
const given = (sql: string) => sql.replace(/(update "machine".*"request_key" = .*) and "account_id" is null/, '$1')
const anybodys = (sql: string) =>
  sql
    .replace('"account_id" is null and', '')
    .replace(/"stage" = (\$\d+)/, '$1::text is not null')
    .replace('order by', 'order by "account_id" nulls last,')
const rewritten = <Q extends { sql: string }>(query: Q, rewrite: (sql: string) => string): Q => ({
  ...query,
  sql: rewrite(query.sql),
})
/** It ends a machine by a backup that nobody has stored yet. */
export const credulous: Mutant = {
  ...none,
  name: 'takes any backup for one that is stored',
  sending: async (query, send) => {
    const answer = await send(query)
    if (!query.sql.startsWith('select * from "backup"')) return answer
    return { ...answer, rows: answer.rows.map(row => ({ ...(row as object), state: 'ready' }) as never) }
  },
}

/** It forgets a server before anybody wrote what is left on it. */
export const forgetful: Mutant = {
  ...none,
  name: 'forgets a server before it is said what is left there',
  provider: provider => ({
    ...provider,
    leaves: async ref => {
      const note = (await provider.leaves?.(ref)) ?? ''
      await provider.abandon?.(ref)
      return note
    },
  }),
}

/** An update without its condition on the version. */
const unversioned: <Q extends { sql: string }>(query: Q) => Q = query => ({
  ...query,
  sql: query.sql.replace(/and "version" = (\$\d+)/, (_, version) => `and ${version}::int is not null`),
})
