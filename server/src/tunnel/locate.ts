import type { Whereabouts } from '@spoq/contracts/gateway'
import { SpoqError } from '@spoq/contracts/problem'
import type { Kysely } from 'kysely'
import type { Tables } from '../db/tables.ts'
import { whoHolds } from '../domain/who-holds.ts'
import { findMachine } from '../machine/store.ts'
import { whereIs } from '../name/where.ts'

interface Ports {
  db: Kysely<Tables>
  now: () => number
}

type DomainPorts = Ports & Parameters<typeof whoHolds>[0]

/** Where a name leads. @throws SpoqError `not_found`. */
export async function locate(ports: Ports, name: string): Promise<Whereabouts> {
  const found = await whereabouts(ports, await whereIs(ports.db, name, ports.now()))
  if (!found) throw new SpoqError('not_found', { message: `No machine is called ${name}.` })
  return found
}

/** Where a domain leads that is proven to be its owner's. @throws SpoqError `not_found`. */
export async function locateByDomain(ports: DomainPorts, domain: string): Promise<Whereabouts> {
  const found = await whereabouts(ports, await whoHolds(ports, domain))
  if (!found) throw new SpoqError('not_found', { message: `No machine has the domain ${domain}.` })
  return found
}

async function whereabouts({ db }: Ports, machine: string | null): Promise<Whereabouts | null> {
  const row = machine === null ? undefined : await findMachine(db, machine)
  if (!row || row.wanted === 'terminated') return null
  const running = row.wanted === 'running' && row.holds.length === 0
  return { machine: row.id, running, ready: row.state === 'running' }
}
