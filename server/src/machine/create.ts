import { createHash } from 'node:crypto'
import type { Machine, ProviderName, TemplateName } from '@spoq/contracts/machine'
import { SpoqError } from '@spoq/contracts/problem'
import type { Kysely, Transaction } from 'kysely'
import { type Asker, askedBy } from '../audit/asked-by.ts'
import { record } from '../audit/record.ts'
import type { MachineRow, NewOwnedRow, Tables } from '../db/tables.ts'
import { claim, disclaim } from '../name/claim.ts'
import { isReserved } from '../name/reserved.ts'
import { assertAccepted } from '../policy/accept.ts'
import { dailyMicros } from '../template/price.ts'
import { chosenTemplate, dailyPriceOf, type Template, templates } from '../template/table.ts'
import { assertIncluded, assertRoom, roomOf } from './allowed.ts'
import { claimAtOnce, madeAhead } from './claim-at-once.ts'
import { newRow } from './new-row.ts'
import type { BindServer, MachinePorts } from './ports.ts'
import { toMachine } from './shape.ts'
import { findByRequest, findMachine, insertMachine } from './store.ts'
import { suggestions } from './suggestions.ts'
import { giveUnclaimed, lockTurn, lockWarm } from './unclaimed.ts'
import { assertWorkload, firstAllowing } from './workload.ts'

export interface NewMachine {
  name?: string | undefined
  provider?: ProviderName | undefined
  template?: TemplateName | undefined
  region?: string | undefined
  size?: string | undefined
  /** What the owner was told that it costs. */
  centsMonthly?: number | undefined
  /** The way to a server of the owner's, and the fingerprint of its host key that the owner confirmed. */
  connection?: string | undefined
  fingerprint?: string | undefined
}

/** A request that may come again, and what it asked for. */
interface Request {
  key: string
  hash: string
}

/**
 * Wants a new machine. With a key, the same request made again answers the machine that the first one made.
 * @throws SpoqError those of `MachinePorts.claimServer`, `connection_needed`, `provider_unknown`, `template_unknown`, `scope_missing`, `workload_refused`, `policy_unaccepted`, `credit_short`, `email_unverified`, `plan_limit`, `region_unknown`, `size_unknown`, `price_changed`, `provider_failed`, `name_taken`, `idempotency_mismatch`.
 */
export async function create(
  ports: MachinePorts,
  asker: Asker,
  asked: NewMachine,
  key: string | undefined,
): Promise<Machine> {
  const request = key === undefined ? null : { key, hash: hashOf(asked) }
  // A request that comes again is answered by what it made, whatever has become of prices and providers since.
  const before = await madeBefore(ports.db, asker.account, request)
  if (before) return toMachine(before)
  const template = chosenTemplate(asked.template)
  const named = asked.provider ?? (asked.connection === undefined ? undefined : 'byo')
  const provider = chosenProvider(ports, named ?? firstAllowing(ports.providers, template))
  const emailOf = asked.name === undefined ? ports.emailOf : async () => null
  const [email, plan] = await Promise.all([
    emailOf(asker.account),
    ports.planOf(asker.account),
    assertMayOwn(ports, provider, asker.account),
  ])
  const kind = { provider, template }
  assertWorkload(ports.providers, provider, template)
  const { policy }: Template = templates[template]
  if (policy) await assertAccepted(ports.db, asker.account, policy)
  assertIncluded(ports.providers, plan, kind)
  const price = dailyPriceOf(template)
  const place = await ports.placeOf(provider, asked, price ? null : plan)
  if (price) assertMaySpend(asker)
  const microsDaily = price && dailyMicros(price, place?.price ?? null)
  const bind = await serverOf(ports, asker.account, provider, asked)
  const name = asked.name === undefined ? undefined : unreserved(asked.name)
  const names = () => (name === undefined ? suggestions(email) : [name])
  const wanted = { account_id: asker.account, request_key: request?.key ?? null, request_hash: request?.hash ?? null }
  const fresh = { ...newRow(provider, template, place, ports.now()), ...wanted }
  const fit = microsDaily === null ? ports.pool?.fitFor(fresh) : undefined
  const room = roomOf(ports.providers, plan, kind)
  const given = fit && (await claimAtOnce(ports, asker, names(), fresh, fit, room))
  const machine = given ?? (await ports.db.transaction().execute(trx => make(trx)))
  const isWarm = machine.id !== fresh.id
  await ports.pool?.asked(isWarm ? machine : undefined)
  return toMachine((isWarm && (await findMachine(ports.db, machine.id))) || machine)

  async function make(trx: Transaction<Tables>): Promise<MachineRow> {
    await lockTurn(trx, asker.account, request?.key, room !== null || microsDaily !== null)
    const warm = fit && (await lockWarm(trx, fit))
    const row = await insertOnce(trx, names(), fresh, request, warm)
    if (!row.isNew) return row.machine
    await assertRoom(trx, ports.providers, plan, fresh)
    const { id, state } = row.machine
    if (microsDaily !== null) await ports.prepay(trx, { machine: id, account: asker.account, microsDaily })
    await bind?.(trx, id)
    const how = warm ? madeAhead : { to: state }
    await record(trx, { ...askedBy(asker), action: 'machine.create', resource: id, ...how }, ports.now())
    if (!warm) await ports.wake(trx, id)
    return row.machine
  }
}

/** Money is spent by people: what a script has does not. */
function assertMaySpend({ limited }: Asker): void {
  if (!limited) return
  throw new SpoqError('scope_missing', {
    message: 'A machine that is paid from credit is made with a login, not with a token.',
    next: 'Run spoq login, and leave SPOQ_TOKEN out.',
  })
}

/** The machine that this request made before, or a new one (`warm`, where one was made ahead) with the first name that is free. */
async function insertOnce(
  trx: Transaction<Tables>,
  names: Iterable<string>,
  fresh: Omit<NewOwnedRow, 'name'>,
  request: Request | null,
  warm: string | undefined,
): Promise<{ machine: MachineRow; isNew: boolean }> {
  const row = { ...fresh, id: warm ?? fresh.id }
  for (const name of names) {
    const before = await madeBefore(trx, row.account_id, request)
    if (before) return { machine: before, isNew: false }
    const at = row.created_at as Date
    if (!(await claim(trx, { name, account: row.account_id, machine: row.id }, at.getTime()))) continue
    const named = { ...row, name }
    const machine = await (warm ? giveUnclaimed(trx, named) : insertMachine(trx, named))
    if (machine) return { machine, isNew: true }
    if (warm) throw new Error(`machine ${warm} was claimed and is somebody's`)
    await disclaim(trx, row.id, name, at.getTime())
  }
  // A request that came twice at once loses its name to its other self.
  const twin = await madeBefore(trx, row.account_id, request)
  if (twin) return { machine: twin, isNew: false }
  throw new SpoqError('name_taken')
}

async function madeBefore(
  db: Kysely<Tables>,
  account: string,
  request: Request | null,
): Promise<MachineRow | undefined> {
  if (!request) return undefined
  const before = await findByRequest(db, account, request.key)
  if (before && before.request_hash !== request.hash) throw new SpoqError('idempotency_mismatch')
  return before
}

/** The provider that was asked for, else the first. @throws SpoqError `provider_unknown`. */
export function chosenProvider(
  { providers }: Pick<MachinePorts, 'providers'>,
  asked: ProviderName | undefined,
): ProviderName {
  const offered = [...providers.keys()]
  const chosen = asked ?? offered[0]
  if (chosen && providers.has(chosen)) return chosen
  throw new SpoqError('provider_unknown', {
    message: `This server does not offer ${asked ?? 'any provider'}.`,
    next: offered.length > 0 ? `It offers: ${offered.join(', ')}.` : 'Ask whoever runs it.',
  })
}

/** What costs its operator money is made for people who can be written to; on this very computer anybody is known. */
async function assertMayOwn(
  { providers, isVerified }: MachinePorts,
  name: ProviderName,
  account: string,
): Promise<void> {
  if (providers.get(name)?.capabilities.hardware === 'own' || (await isVerified(account))) return
  throw new SpoqError('email_unverified')
}

/** Null where the provider brings the server itself. */
async function serverOf(
  { claimServer }: MachinePorts,
  account: string,
  provider: ProviderName,
  { connection, fingerprint }: NewMachine,
): Promise<BindServer | null> {
  if (provider !== 'byo' && connection === undefined) return null
  if (provider === 'byo' && claimServer && connection !== undefined && fingerprint !== undefined)
    return claimServer(account, connection, fingerprint)
  throw new SpoqError('connection_needed')
}

function unreserved(name: string): string {
  if (isReserved(name)) throw new SpoqError('name_taken', { message: `The name ${name} is reserved.` })
  return name
}

/** Of what was asked, whatever the order it was written in. */
function hashOf({ name, provider, template, region, size, connection }: NewMachine): string {
  return createHash('sha256')
    .update(JSON.stringify([name, provider, template, region, size, ...(connection ? [connection] : [])]))
    .digest('hex')
}
