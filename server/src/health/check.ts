// One look at all machines: who answers, what that means, and what is done about it. What is written is written where it
// changes, so that fifty machines that are well cost fifty requests and a few queries.

import { record } from '../audit/record.ts'
import type { Health, OwnedRow } from '../db/tables.ts'
import { textOf } from '../log.ts'
import { askForRestart } from '../task/restart.ts'
import { after, counted, type Failures, isBlind, isRestartDue, isTellDue, type Outcome, restarted } from './health.ts'
import { unhealthyLetter } from './letter.ts'
import type { HealthPorts } from './ports.ts'
import { listWatched, writeHealth } from './store.ts'

/** Machines that are asked at a time. */
const atOnce = 20

/** A look that remembers the failures in a row. */
export function healthCheck(ports: HealthPorts): () => Promise<void> {
  let failures = new Map<string, Failures>()
  return async () => {
    const looks = await askAll(ports, await listWatched(ports.db))
    const blind = isBlind(looks.map(({ row, outcome }) => ({ wasWell: row.health?.state !== 'unhealthy', outcome })))
    if (blind) ports.log('error', 'health.blind', { asked: looks.length })
    const before = failures
    failures = new Map()
    for (const { row, outcome } of looks) {
      const count = counted(before.get(row.id) ?? 0, outcome, blind)
      if (count > 0) failures.set(row.id, count)
      await judge(ports, row, { outcome, count, blind }).catch(error =>
        ports.log('error', 'health.failed', { machine: row.id, error: textOf(error) }),
      )
    }
  }
}

interface Look {
  row: OwnedRow
  outcome: Outcome
}

/** Some at a time. */
async function askAll({ probe, messages }: HealthPorts, rows: readonly OwnedRow[]): Promise<Look[]> {
  const looks: Look[] = []
  const limited = await messages.limited(rows)
  const waiting = rows.values()
  const one = async () => {
    for (const row of waiting) {
      const outcome = await probe(row)
      looks.push({ row, outcome })
      if (outcome.kind === 'ok' && limited.has(row.id)) await messages.count(row)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, one))
  return looks
}

async function judge(
  ports: HealthPorts,
  row: OwnedRow,
  { outcome, count, blind }: { outcome: Outcome; count: Failures; blind: boolean },
): Promise<void> {
  const now = ports.now()
  const health = after(row.health, outcome, count, now)
  if (health === null) return
  const fails = outcome.kind === 'failed' && !blind && isOursToRestart(ports, row)
  const restarts = fails && isRestartDue(health, now)
  const tells = isTellDue(health, now)
  if (health === row.health && !restarts && !tells) return
  const to = tells ? await ports.emailOf(row.account_id) : null
  const next = { ...(restarts ? restarted(health, now) : health), told: health.told || tells }
  await ports.db.transaction().execute(async trx => {
    if (!(await writeHealth(trx, row.id, next))) return
    if (health.state !== row.health?.state) await told(ports, trx, row, health)
    if (restarts && (await askForRestart(trx, row, 'it does not answer', now))) await ports.wake(trx, row.id)
    if (to !== null) await ports.mail.put(trx as never, await unhealthyLetter(to, row.name, health))
  })
  if (to !== null) ports.mail.wake()
}

/** On a server that was set up systemd watches over its Conductor. */
const isOursToRestart = ({ providers }: HealthPorts, { provider }: OwnedRow) =>
  (providers.get(provider)?.capabilities.setUp ?? 'none') === 'none'

type Trx = Parameters<typeof writeHealth>[0]

/** The machine's history tells when it went wrong and when it was well again; not that a new one is well. */
async function told({ log, now }: HealthPorts, trx: Trx, row: OwnedRow, { state, reason }: Health): Promise<void> {
  const isWell = state === 'healthy'
  if (isWell && row.health === null) return
  log(isWell ? 'info' : 'warn', isWell ? 'machine.healthy' : 'machine.unhealthy', { machine: row.id, reason })
  await record(trx, { actor: 'system', action: `machine.${state}`, resource: row.id, reason }, now())
}
