// Keeps machines told of who may use them. As with all else the rows say what is wanted: what a machine acknowledged last
// is held against what it is to know now, so that a message that was lost, or a crash, only has it told once more.

import type { Kysely } from 'kysely'
import type { MachineRow, Tables } from '../db/tables.ts'
import type { AccountKeys, KeyVersions } from '../model-key/pushed.ts'
import {
  type AccessContent,
  contentsOf,
  hashOf,
  type LimitsMessages,
  type OffersTunnels,
  type ProfilesOf,
  type RevokedBy,
  takesKeys,
} from './content.ts'
import type { SendAccess } from './send.ts'
import { acknowledge, listTold, takeNumber } from './store.ts'

/** Whether a machine knows what is so now, and before when it is not to be tried again, in ms; null: at once. */
export interface Told {
  told: boolean
  notBefore: number | null
}

export interface AccessPorts {
  db: Kysely<Tables>
  revokedBy: RevokedBy
  profilesOf: ProfilesOf
  messages: LimitsMessages
  tunnels?: OffersTunnels | undefined
  modelKeys: AccountKeys
  send: SendAccess
  /** A token of the backend itself, for one machine. */
  tokenFor: (machine: string) => Promise<string>
  now: () => number
}

export interface MachineAccess {
  /** How it stands with each of these machines. */
  look(rows: readonly MachineRow[]): Promise<Map<string, Told>>
  /** Tells one, at its address. @throws what `send` throws; when the next try is due is written before the first. */
  tell(row: MachineRow, endpoint: string): Promise<void>
}

export function machineAccess(ports: AccessPorts): MachineAccess {
  const { db, modelKeys, send, tokenFor, now } = ports
  return {
    async look(rows) {
      const ids = rows.map(({ id }) => id)
      const [contents, known] = await Promise.all([contentsOf(rows, ports), listTold(db, ids)])
      const told = new Map(known.map(row => [row.machine_id, row]))
      return new Map(
        [...contents].map(([machine, content]) => {
          const last = told.get(machine)
          const notBefore = last?.next_attempt_at?.getTime() ?? null
          return [machine, { told: last?.acknowledged === hashOf(content), notBefore }]
        }),
      )
    },
    async tell(row, endpoint) {
      // A machine may have been told by a backend whose rows were lost: then ours are newer all the same.
      let above = 0
      for (let tries = 0; tries < 2; tries++) {
        // The number first: what is read after it is at least as new as what any lower number stands for.
        const number = await takeNumber(db, row.id, above, now())
        const [contents, { versions, keys }, token] = await Promise.all([
          // Without the versions of the keys: they are read together with the keys.
          contentsOf([row], { ...ports, modelKeys: noVersions }),
          takesKeys(row) && row.account_id !== null ? modelKeys.openOf(row.account_id, row.id) : noKeys,
          tokenFor(row.id),
        ])
        const { keyVersions: _, ...told } = contents.get(row.id) as AccessContent
        // Whom to refuse is told also while the key service is away; the keys follow, after the usual pause.
        const snapshot = { number, ...told, ...(keys ? { modelKeys: keys } : {}) }
        const held = await send({ endpoint, token }, snapshot)
        if (held === number && !keys) return
        if (held === number) return acknowledge(db, row.id, number, hashOf({ ...told, keyVersions: versions }))
        above = held
      }
      throw new Error(`machine ${row.id} is told by another backend`)
    },
  }
}

const noVersions = { versionsOf: async () => new Map<string, KeyVersions>() }
const noKeys = { versions: [], keys: [] }
