import type { SshEntry, SshWay } from '@spoq/contracts/gateway'
import { SpoqError } from '@spoq/contracts/problem'
import type { Transaction } from 'kysely'
import { record } from '../audit/record.ts'
import { newId } from '../db/new-id.ts'
import type { MachineRow, Tables } from '../db/tables.ts'
import type { From } from '../http/from.ts'
import { findMachine } from '../machine/store.ts'
import type { SshPorts } from './ports.ts'
import { addSession, countLive, findMachineSsh, keepMachineSsh, listGateways } from './store.ts'
import { gatewayMs, lostMs } from './times.ts'

interface Wish {
  gateway: string
  name: string
  profile: string
  key: string
  address: string
}

/** What a machine was told is told again after so long: it may have been put back to before. */
const toldMs = 600_000

/**
 * Begins a session for whose key signed.
 * @throws SpoqError `not_found` for all who may not, `ssh_full`, `machine_away` while it comes up, `machine_unreachable`, `sshd_missing`
 */
export async function enter(ports: SshPorts, wish: Wish): Promise<SshEntry> {
  const { db, devices } = ports
  const comer = await devices.whoMay(wish.name, wish.profile, wish.key, { address: wish.address })
  const row = comer ? await findMachine(db, comer.machine) : undefined
  if (!comer || !row || row.account_id !== comer.account)
    throw new SpoqError('not_found', { message: 'Nobody is let in by that.' })
  const { account, machine, device, mayForward, mayTty } = comer
  const there = await placeFor(ports, row, { account, credential: device })
  const place = { account, machine, profile: null }
  const { session } = await begin(ports, place, { ...wish, by: 'key' }, async () => device)
  return { session, account, machine, credential: device, mayForward, mayTty, ...there }
}

/** Who is let in, and by what. */
export interface LetIn {
  account: string
  credential: string
}

/**
 * Where a session of an account is led, if it may have one more.
 * @throws SpoqError `ssh_full`, `machine_away` while it comes up, `machine_unreachable`, `sshd_missing`
 */
export async function placeFor(ports: SshPorts, row: MachineRow, by: LetIn) {
  const { db, sessionsAnAccount, now } = ports
  if ((await countLive(db, by.account, new Date(now() - lostMs))) >= sessionsAnAccount)
    throw new SpoqError('ssh_full', {
      message: `There are ${sessionsAnAccount} SSH sessions, which is as many as may be.`,
    })
  if (row.state !== 'running' || row.endpoint === null) throw await notThere(ports, row, by)
  return { ...(await prepared(ports, row, row.endpoint)), way: wayTo(row) }
}

/** A machine of this very computer has an address of its own here, all others a tunnel. */
function wayTo({ provider, endpoint }: MachineRow): SshWay {
  return provider === 'local' && endpoint !== null ? { kind: 'edge', endpoint } : { kind: 'tunnel' }
}

/** One that sleeps wakes for who is let in; whoever asked asks again until it is there. */
async function notThere({ wakeUp }: SshPorts, { id, name, state }: MachineRow, by: LetIn): Promise<SpoqError> {
  if (await wakeUp(id, by)) return new SpoqError('machine_away', { message: `${name} is waking up.`, retryAfter: 1 })
  return new SpoqError('machine_unreachable', { message: `${name} does not run: it is ${state}.` })
}

/** The machine trusts the gateways of now. */
async function prepared(
  { db, prepare, now }: SshPorts,
  row: MachineRow,
  endpoint: string,
): Promise<{ hostKey: string; user: string }> {
  const authorities = (await listGateways(db, new Date(now() - gatewayMs))).map(({ authority }) => authority)
  const text = authorities.join('\n')
  const known = await findMachineSsh(db, row.id)
  if (known?.authorities === text && known.told_at.getTime() > now() - toldMs)
    return { hostKey: known.host_key, user: known.unix_user }
  const there = await prepare(row.id, endpoint, authorities)
  if (known && known.host_key !== there.hostKey)
    throw new SpoqError('machine_unreachable', { message: `${row.name} has another SSH host key than it had.` })
  const told = { host_key: there.hostKey, unix_user: there.user, authorities: text, told_at: new Date(now()) }
  await keepMachineSsh(db, { machine_id: row.id, ...told })
  return there
}

interface Place {
  account: string
  machine: string
  /** Of who comes by a question; null: by a key. */
  profile: string | null
}

interface Coming {
  gateway: string
  address: string
  by: 'key' | 'question'
}

/** Writes that a session begins. @param credentialOf by what they come, which may be made in the same transaction */
export async function begin(
  { db, now }: SshPorts,
  { account, machine, profile }: Place,
  { gateway, address, by }: Coming,
  credentialOf: (trx: Transaction<Tables>, origin: From) => Promise<string>,
): Promise<{ session: string; credential: string }> {
  const id = newId('ssh')
  const at = new Date(now())
  const credential = await db.transaction().execute(async trx => {
    const origin = { address, agent: 'ssh', requestId: id }
    const credential = await credentialOf(trx, origin)
    const ids = { id, account_id: account, machine_id: machine, device_id: credential, profile_id: profile }
    await addSession(trx, { ...ids, gateway, address, began_at: at, seen_at: at, ended_at: null })
    const what = { action: 'ssh.begin', resource: machine, reason: by, credential }
    await record(trx, { actor: `account:${account}`, account, origin, ...what }, now())
    return credential
  })
  return { session: id, credential }
}
