// Set-ups as the reconciler sees them: the script for a machine, and how it stands with it.

import { readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { SpoqError } from '@spoq/contracts/problem'
import { ProviderError } from '@spoq/providers'
import type { Kysely } from 'kysely'
import type { MachineRow, Tables } from '../db/tables.ts'
import { productRoot } from '../release/contents.ts'
import type { Releases } from '../release/open.ts'
import { begin, silentMs } from './begin.ts'
import { scriptOf } from './script.ts'
import { sshKeyOf } from './ssh-key.ts'
import { listSetups, type SetupRow } from './store.ts'

/** How a machine's set-up stands. */
export type SetUpSeen = {
  /** Where the machine is reached by it, and whose tokens it takes. */
  endpoint: string
  issuer: string
} & (
  | { state: 'done' }
  /** `until`: given up when nothing is heard before, in ms. */
  | { state: 'running'; stage: string | null; until: number }
  /** Why, in one line for the owner. */
  | { state: 'failed'; reason: string }
)

export interface MachineSetup {
  /** How it stands with each of these machines; one that was never begun is not in it. */
  look(machines: readonly string[]): Promise<Map<string, SetUpSeen>>
  /** The script for a server that is to become this machine; the same each time until a set-up begins `anew`. */
  scriptFor(row: MachineRow, anew: boolean): Promise<string>
}

export interface SetupPorts {
  db: Kysely<Tables>
  /** Of the backend. */
  secret: string
  releases: Pick<Releases, 'current'>
  /** Where a machine will be reached. */
  endpointOf: (row: MachineRow) => string | null
  issuer: string
  jwksUrl: string
  /** Whether certificates are made by a public authority. */
  tls: 'public' | 'internal'
  now: () => number
}

export function machineSetup(ports: SetupPorts): MachineSetup {
  const { db, secret, releases, endpointOf, issuer, jwksUrl, tls, now } = ports
  return {
    async look(machines) {
      return new Map((await listSetups(db, machines)).map(row => [row.machine_id, seen(row, now())]))
    },
    async scriptFor(row, anew) {
      const endpoint = endpointOf(row)
      if (endpoint === null)
        throw new ProviderError('refused', 'This server has no domain for its machines: MACHINE_DOMAIN is not set.')
      // First what takes long: the time of the set-up runs from when it is begun.
      const release = await releases.current().catch(refusal)
      const token = await begin(ports, row.id, endpoint, anew)
      if (row.account_id === null) throw new ProviderError('refused', 'Servers are not made ahead.')
      const who = { machine: row.id, name: row.name, owner: row.account_id, endpoint, backend: issuer, jwksUrl }
      return scriptOf({ ...who, release, rescueKey: sshKeyOf(secret, row.id).public, token, tls }, scriptBody())
    },
  }
}

/** Trying again does not bring what is not there. */
function refusal(error: unknown): never {
  if (!(error instanceof SpoqError)) throw error
  throw new ProviderError('refused', `${error.message} ${error.next}`, { cause: error })
}

function seen(row: SetupRow, now: number): SetUpSeen {
  const { endpoint, issuer } = row
  if (row.done_at !== null) return { endpoint, issuer, state: 'done' }
  const last = row.log === '' ? '' : ` Its last lines: ${row.log.split('\n').slice(-3).join(' / ')}`
  if (row.error !== null)
    return { endpoint, issuer, state: 'failed', reason: `The set-up failed while ${row.stage}: ${row.error}.${last}` }
  const until = (row.heard_at ?? row.begun_at).getTime() + silentMs
  if (now < until) return { endpoint, issuer, state: 'running', stage: row.stage, until }
  const silent = `The server said nothing for ${silentMs / 60_000} minutes of its set-up.${last}`
  return { endpoint, issuer, state: 'failed', reason: silent }
}

/** It stands beside the Conductor: its source beside our source, its copy beside our bundle. */
export const scriptBody = () =>
  readFileSync(
    join(productRoot(), 'packages/conductor', extname(import.meta.filename) === '.ts' ? 'setup' : 'dist', 'set-up.sh'),
    'utf8',
  )
