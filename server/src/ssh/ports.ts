import type { Kysely } from 'kysely'
import type { Tables } from '../db/tables.ts'
import type { Log } from '../log.ts'

/** Whose key it is, and what it may. */
export interface Comer {
  account: string
  machine: string
  device: string
  mayForward: boolean
}

/** Who may come in over SSH, as those say who know the devices. */
export interface Devices {
  /**
   * Whose key it is that signed just now, for a machine by its name and a profile of it ('' is the usual one). Null for all who
   * may not, after the same steps whatever the reason is.
   * @param key the blob of the public key in base64
   */
  whoMay(name: string, profile: string, key: string, from: { address: string }): Promise<Comer | null>
  /** Of these devices those that may come in no longer. */
  revokedAmong(devices: readonly string[]): Promise<string[]>
}

export interface SshPorts {
  db: Kysely<Tables>
  devices: Devices
  /** Has a machine trust these authorities. @throws SpoqError `sshd_missing`, `machine_unreachable` */
  prepare: (machine: string, endpoint: string, authorities: string[]) => Promise<{ hostKey: string; user: string }>
  /** Has a machine that only sleeps come up, for who is let in; answers whether it does. */
  wakeUp: (comer: Comer) => Promise<boolean>
  /** Sessions at a time. */
  sessionsAnAccount: number
  now: () => number
  log: Log
}
