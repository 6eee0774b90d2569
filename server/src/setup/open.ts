// Set-ups as the reconciler sees them: the script for a machine, and how it stands with it.

import { readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { SpoqError } from '@spoq/contracts/problem'
import type { runJob, SshTarget } from '@spoq/kit/ssh-job'
import { ProviderError, type Resource } from '@spoq/providers'
import type { Kysely } from 'kysely'
import type { MachineRow, Tables } from '../db/tables.ts'
import { productRoot } from '../release/contents.ts'
import type { Releases } from '../release/open.ts'
import type { Timers } from '../timers.ts'
import { begin, silentMs } from './begin.ts'
import { type Following, follow } from './follow.ts'
import { renew } from './renew.ts'
import { scriptOf } from './script.ts'
import { sshKeyOf } from './ssh-key.ts'
import { listSetups, type SetupRow } from './store.ts'

/** How a machine's set-up stands. */
export type SetUpSeen = {
  /** Where the machine is reached by it, and whose tokens it takes. */
  endpoint: string
  issuer: string
  /** The host key of its server is known, so that a backend may go there over SSH. */
  isKnown: boolean
} /** `renewal`: it was made for something else than what it is to be now. */ & (
  | { state: 'done'; renewal: Renewal | null }
  /** `until`: given up when nothing is heard before, in ms. `isOverSsh`: a backend runs it. */
  | { state: 'running'; stage: string | null; until: number; isOverSsh: boolean }
  /** Why, in one line for the owner. `isSilent`: nobody said so, nothing was heard any more. */
  | { state: 'failed'; reason: string; isSilent: boolean; isOverSsh: boolean }
)

export interface Renewal {
  /** Not before then, in ms; null: at once. */
  notBefore: number | null
  /** Why the last try failed on the server. */
  failed: string | null
}

export interface MachineSetup {
  /** How it stands with each of these machines; one that was never begun is not in it. */
  look(rows: readonly MachineRow[]): Promise<Map<string, SetUpSeen>>
  /** The script for a server that is to become this machine; the same each time until a set-up begins `anew`. */
  scriptFor(row: MachineRow, anew: boolean): Promise<string>
  /** Begins the set-up of a server over SSH; one that is under way goes on, unless it is to begin `anew`. */
  begin(row: MachineRow, anew: boolean): Promise<void>
  /** Begins to bring a machine up to date over SSH, or goes on with it; the machine is what it was until that is done. */
  renew(row: MachineRow): Promise<void>
  /** How a server is reached that was set up by a script at its first start; null before its host key is known. */
  reach(row: MachineRow, addresses: Resource['addresses']): Promise<SshTarget | null>
  /** Runs that set-up on its server, or follows it there, to its end. @see follow */
  follow(row: MachineRow, following: Following): Promise<void>
}

export interface SetupPorts {
  db: Kysely<Tables>
  /** Of the backend. */
  secret: string
  releases: Pick<Releases, 'current' | 'find'>
  /** Which Spoq this is, as it stands on servers that their owners brought. */
  installation: string
  /** Where a machine will be reached. */
  endpointOf: (row: MachineRow) => string | null
  issuer: string
  jwksUrl: string
  /** Whether certificates are made by a public authority. */
  tls: 'public' | 'internal'
  now: () => number
  timers?: Timers
  /** Runs a script on a server; left out: over SSH. */
  runJob?: typeof runJob
}

export function machineSetup(ports: SetupPorts): MachineSetup {
  const { db, secret, releases, endpointOf, issuer, jwksUrl, tls, now } = ports
  const endpointFor = (row: MachineRow) => {
    const endpoint = endpointOf(row)
    if (endpoint !== null) return endpoint
    throw new ProviderError('refused', 'This server has no domain for its machines: MACHINE_DOMAIN is not set.')
  }
  return {
    async look(rows) {
      const setUps = await listSetups(
        db,
        rows.map(({ id }) => id),
      )
      const machines = new Map(rows.map(row => [row.id, row]))
      const wish = (setUp: SetupRow) => {
        const row = machines.get(setUp.machine_id)
        return { issuer, endpoint: row ? endpointOf(row) : null }
      }
      return new Map(setUps.map(setUp => [setUp.machine_id, seen(setUp, wish(setUp), now())]))
    },
    begin: async (row, anew) =>
      void (await begin(ports, { machine: row.id, endpoint: endpointFor(row), anew, overSsh: true })),
    renew: row => renew(ports, row.id, endpointFor(row)),
    async reach({ id }, addresses) {
      const [setUp] = await listSetups(db, [id])
      const host = addresses?.v4 ?? addresses?.v6
      if (!setUp?.host_key || host === undefined) return null
      return { host, user: 'root', privateKey: sshKeyOf(secret, id).private, hostKey: setUp.host_key }
    },
    follow: (row, following) => follow(ports, row, following),
    async scriptFor(row, anew) {
      const endpoint = endpointFor(row)
      // First what takes long: the time of the set-up runs from when it is begun.
      const release = await releases.current().catch(refusal)
      const token = await begin(ports, { machine: row.id, endpoint, anew })
      const who = { machine: row.id, name: row.name, owner: row.account_id, endpoint, backend: issuer, jwksUrl }
      return scriptOf({ ...who, release, rescueKey: sshKeyOf(secret, row.id).public, token, tls }, scriptBody())
    },
  }
}

/** Trying again does not bring what is not there. */
export function refusal(error: unknown): never {
  if (!(error instanceof SpoqError)) throw error
  throw new ProviderError('refused', `${error.message} ${error.next}`, { cause: error })
}

interface Wish {
  issuer: string
  /** Null: where it is. */
  endpoint: string | null
}

function seen(row: SetupRow, wish: Wish, now: number): SetUpSeen {
  const { endpoint, issuer, made_endpoint, made_issuer, over_ssh: isOverSsh } = row
  const isKnown = row.host_key !== null
  if (made_endpoint !== null && made_issuer !== null)
    return {
      ...{ endpoint: made_endpoint, issuer: made_issuer, isKnown, state: 'done' },
      renewal: renewalOf(row, { issuer: wish.issuer, endpoint: wish.endpoint ?? made_endpoint }),
    }
  const known = { endpoint, issuer, isKnown, isOverSsh }
  if (row.error !== null) return { ...known, state: 'failed', reason: failureOf(row, row.error), isSilent: false }
  const until = (row.heard_at ?? row.begun_at).getTime() + silentMs
  if (now < until) return { ...known, state: 'running', stage: row.stage, until }
  const silent = `The server said nothing for ${silentMs / 60_000} minutes of its set-up.${lastOf(row)}`
  return { ...known, state: 'failed', reason: silent, isSilent: true }
}

/** One that was begun and did not come to its end has left who knows what: it is done again, whatever is wished by now. */
function renewalOf(row: SetupRow, wish: { issuer: string; endpoint: string }): Renewal | null {
  const isOver = row.done_at !== null
  if (isOver && row.made_endpoint === wish.endpoint && row.made_issuer === wish.issuer) return null
  const isSame = !isOver && row.endpoint === wish.endpoint && row.issuer === wish.issuer
  return {
    notBefore: isSame ? (row.next_attempt_at?.getTime() ?? null) : null,
    failed: isSame && row.error !== null ? failureOf(row, row.error) : null,
  }
}

const failureOf = (row: SetupRow, error: string) =>
  `The set-up failed while ${row.stage ?? 'beginning'}: ${error.replace(/\.$/, '')}.${lastOf(row)}`

const lastOf = ({ log }: SetupRow) => (log === '' ? '' : ` Its last lines: ${log.split('\n').slice(-3).join(' / ')}`)

/** It stands beside the Conductor: its source beside our source, its copy beside our bundle. */
export function scriptBody(name: 'set-up.sh' | 'remove.sh' = 'set-up.sh'): string {
  const folder = extname(import.meta.filename) === '.ts' ? 'setup' : 'dist'
  return readFileSync(join(productRoot(), 'packages/conductor', folder, name), 'utf8')
}
