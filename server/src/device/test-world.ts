// For tests: people with machines, and keys for their devices.

import { randomBytes } from 'node:crypto'
import type { Plan } from '@spoq/contracts/plan'
import type { Database } from '../db/open.ts'
import type { NewMachineRow } from '../db/tables.ts'
import { putMachine, type TestPorts, testPorts } from '../machine/test-ports.ts'
import type { Mail } from '../mail/mail.ts'
import { plans } from '../plan/table.ts'
import { listProfiles } from '../profile/store.ts'
import { add } from './add.ts'
import type { DevicePorts, LostLogin } from './ports.ts'

const field = (bytes: Uint8Array | string) => {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(Buffer.byteLength(bytes))
  return Buffer.concat([length, Buffer.from(bytes)])
}

/** A new Ed25519 key, as its line. */
export const newKey = (): string =>
  `ssh-ed25519 ${Buffer.concat([field('ssh-ed25519'), field(randomBytes(32))]).toString('base64')}`

export const blobOf = (line: string): string => line.split(' ')[1] ?? ''

export const from = { address: '192.0.2.7', agent: 'test', requestId: 'req_test' }
export const caller = (account: string, login: string | null = null) => ({ account, login, from })

export interface DeviceWorld extends DevicePorts, TestPorts {
  mails: Mail[]
  plan: Plan
  time: number
  loginsOf: Map<string, LostLogin[]>
  /** A machine of an account, and its default profile. */
  machine(account: string, put?: Partial<NewMachineRow>): Promise<{ id: string; name: string; profile: string }>
  /** Adds a key; the id of its device. */
  device(account: string, profile: string, key?: string, name?: string): Promise<string>
}

export function deviceWorld(database: Database): DeviceWorld {
  const { db } = database
  const world: DeviceWorld = {
    ...testPorts(database),
    mails: [],
    plan: plans.enterprise,
    time: 1_700_000_000_000,
    loginsOf: new Map(),
    planOf: async () => world.plan,
    now: () => world.time,
    mail: {
      put: async (_, mail) => {
        world.mails.push(mail)
      },
      wake: () => {},
    },
    logins: {
      find: async (_, account, { name, logins }) => {
        const all = world.loginsOf.get(account) ?? []
        const names = [name, ...all.filter(({ id }) => logins.includes(id)).map(login => login.name)]
        return all.filter(login => names.includes(login.name))
      },
      end: async (_, account, id) => {
        for (const login of world.loginsOf.get(account) ?? []) if (login.id === id) login.stands = false
      },
    },
    machine: async (account, put = {}) => {
      const { id, name } = await putMachine(database, { account_id: account, state: 'running', ...put })
      await db.insertInto('claimed_name').values({ name, account_id: account, machine_id: id }).execute()
      const own = (await listProfiles(db, account)).find(one => one.machine_id === id && one.is_default)
      return { id, name, profile: own?.id ?? '' }
    },
    device: async (account, profile, key = newKey(), name = 'a laptop') => {
      const [made] = await add(world, caller(account), { profile, keys: [{ key, name }], isHere: false })
      return made?.id ?? ''
    },
  }
  return world
}
