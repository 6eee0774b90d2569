// What a set-up that is followed says, written down as it comes: a few times a second, in order.

import { record } from '../audit/record.ts'
import { realTimers } from '../timers.ts'
import { plain, tailOf } from './clean.ts'
import type { SetupPorts } from './open.ts'
import { changeSetup, lockSetup, type SetupRow } from './store.ts'

export interface Teller {
  take: (line: string) => void
  /** Aborted, with the reason, when it cannot be written any more. */
  failed: AbortSignal
  /** The script, which brings this release, ended with this status. */
  end: (status: number, release: string) => Promise<void>
  fail: (reason: string) => Promise<void>
  stop: () => Promise<void>
}

type Ports = Pick<SetupPorts, 'db' | 'now' | 'timers'>

/** Another set-up of the machine has begun, or this one is over. */
class Superseded extends Error {
  override readonly name = 'Superseded'
}

const everyMs = 300

/** All that was said before comes again: it begins with an empty log. */
export async function openTeller(
  { db, now, timers = realTimers }: Ports,
  { machine_id, round, endpoint, issuer }: SetupRow,
  onStage: (stage: string) => Promise<void>,
): Promise<Teller> {
  const ended = new AbortController()
  let lines: string[] = []
  let said = { stage: null as string | null, failed: null as string | null, hostKey: null as string | null }
  let told: string | null = null
  let writing = write(row => ({ log: '', heard_at: new Date(now()), error: null, stage: row.stage }))
  await writing

  async function write(changes: (row: SetupRow) => Partial<SetupRow>): Promise<void> {
    await db.transaction().execute(async trx => {
      const row = await lockSetup(trx, machine_id)
      if (!row || row.round !== round || row.done_at !== null) throw new Superseded('this set-up is over')
      const changed = changes(row)
      await changeSetup(trx, machine_id, changed)
      if (!changed.host_key) return
      const what = { action: 'machine.set-up', resource: machine_id, reason: changed.host_key }
      await record(trx, { actor: `machine:${machine_id}`, requestId: null, ...what }, now())
    })
  }

  async function flush(more: Partial<SetupRow> = {}): Promise<void> {
    const [taken, { stage }] = [lines, said]
    lines = []
    if (taken.length === 0 && Object.keys(more).length === 0) return
    await write(row => ({ heard_at: new Date(now()), log: tailOf(row.log, taken), stage, ...more }))
    if (stage === null || stage === told) return
    told = stage
    await onStage(stage)
  }

  const noMore = timers.every(everyMs, () => {
    writing = writing.then(() => flush()).catch(error => ended.abort(error))
  })

  const finish = async (more: Partial<SetupRow>) => {
    noMore()
    await writing
    ended.signal.throwIfAborted()
    await flush(more)
  }

  return {
    take(line) {
      lines.push(line)
      const [, kind, text = ''] = /^(stage|failed|host-key): (.*)$/.exec(line) ?? []
      if (kind === 'stage') said = { ...said, stage: plain(text) }
      if (kind === 'failed') said = { ...said, failed: plain(text.replace(/^[^:]*: /, '')) }
      if (kind === 'host-key' && /^ssh-ed25519 AAAA[A-Za-z0-9+/]{64}$/.test(text)) said = { ...said, hostKey: text }
    },
    failed: ended.signal,
    async end(status, release) {
      const { failed, hostKey } = said
      const isDone = status === 0 && hostKey !== null
      const made = { made_endpoint: endpoint, made_issuer: issuer, attempts: 0, next_attempt_at: null }
      if (isDone) return finish({ done_at: new Date(now()), host_key: hostKey, error: null, release, ...made })
      await finish({ error: failed || `The script ended with status ${status}` })
    },
    fail: reason => finish({ error: plain(reason) }),
    async stop() {
      noMore()
      await writing.catch(() => {})
    },
  }
}
