import type { Kysely, Transaction } from 'kysely'
import type { Tables } from '../db/tables.ts'
import type { From } from '../http/from.ts'
import type { Log } from '../log.ts'

/** Whose key it is, and what it may. */
export interface Comer {
  account: string
  machine: string
  device: string
  mayForward: boolean
  mayTty: boolean
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

/** Each session that came by a question has a login of its own, which ends with it, and it with the login. */
export interface SshLogins {
  begin: (
    trx: Transaction<Tables>,
    made: { account: string; client: string; name: string; origin: From },
  ) => Promise<string>
  end: (trx: Transaction<Tables>, account: string, login: string, origin: From, reason: string) => Promise<void>
  /** Of these those that stand. */
  standing: (logins: readonly string[]) => Promise<string[]>
}

/** How those are asked who have no key. */
export interface Asking {
  /** Counts a question of an address. @throws SpoqError `rate_limited` */
  count: (address: string) => Promise<void>
  /** New ones. */
  words: () => string
  /** Where they are typed in. */
  page: string
  /** How long they are good for. */
  seconds: number
}

export interface SshPorts {
  db: Kysely<Tables>
  devices: Devices
  logins: SshLogins
  asking: Asking
  /** Has a machine trust these authorities. @throws SpoqError `sshd_missing`, `machine_unreachable` */
  prepare: (machine: string, endpoint: string, authorities: string[]) => Promise<{ hostKey: string; user: string }>
  /** Has a machine that only sleeps come up, for who is let in; answers whether it does. */
  wakeUp: (machine: string, by: { account: string; credential: string }) => Promise<boolean>
  /** Sessions at a time. */
  sessionsAnAccount: number
  now: () => number
  log: Log
}
