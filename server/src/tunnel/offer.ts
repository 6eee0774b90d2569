// What machines are told about their tunnel, and where they are found by it.

import type { TunnelOffer } from '@spoq/contracts/gateway'
import type { Kysely } from 'kysely'
import type { MachineRow, Tables } from '../db/tables.ts'
import { listGenerations } from './store.ts'
import { makeToken } from './token.ts'

export interface Tunnels {
  /** By which tokens are made and known. */
  key: string
  /** Where each of these machines connects to; nothing for those that need no tunnel. */
  offers(rows: readonly Pick<MachineRow, 'id' | 'provider'>[]): Promise<Map<string, TunnelOffer>>
  /** The address that leads through the gateway. */
  endpointOf(row: Pick<MachineRow, 'name' | 'provider'>): string | null
}

interface Options {
  db: Kysely<Tables>
  key: string
  /** Where machines connect to, to each; one at least. */
  gatewayUrls: readonly string[]
  /** Machines are `NAME.domain`. */
  domain: string
}

/** Tunnels for all machines but those that are children of this very computer. */
export function openTunnels({ db, key, gatewayUrls, domain }: Options): Tunnels {
  const [url = '', ...others] = gatewayUrls
  const needs = ({ provider }: Pick<MachineRow, 'provider'>) => provider !== 'local'
  return {
    key,
    async offers(rows) {
      const ids = rows.filter(needs).map(({ id }) => id)
      const generations = new Map((await listGenerations(db, ids)).map(row => [row.machine_id, row.generation]))
      const offer = (machine: string) => ({
        url,
        token: makeToken(key, { machine, generation: generations.get(machine) ?? 1 }),
        ...(others.length > 0 ? { others } : {}),
      })
      return new Map(ids.map(id => [id, offer(id)]))
    },
    endpointOf: row => (needs(row) ? originOf(domain, row.name) : null),
  }
}

/** https, but for this computer's own names. */
export function originOf(domain: string, name: string): string {
  const isLocal = /^localhost(:\d+)?$/.test(domain)
  return `${isLocal ? 'http' : 'https'}://${name}.${domain}`
}
