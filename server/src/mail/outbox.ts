// Delivers the mails that wait, at least once each. Putting one and delivering it are apart: no request waits for a mail
// server, and a mail whose transaction was rolled back is never sent.

import type { Transaction } from 'kysely'
import { type Log, textOf } from '../log.ts'
import { type Mail, MailRefused, type Send } from './mail.ts'
import { deferMail, dropMail, type MailDb, putMail, takeDue, type WaitingMail } from './store.ts'

export interface Outbox {
  /** Puts a mail into the caller's transaction; it is worth sending for `seconds`, a day when not said. */
  put(tx: Transaction<never>, mail: Mail, seconds?: number): Promise<void>
  /** Has what was committed delivered now, not at the next look. Waits for nothing. */
  wake(): void
  /** Ends with the deliveries that run. */
  stop(): Promise<void>
}

export interface OutboxDeps {
  db: MailDb
  /** Seals what waits. */
  secret: string
  send: Send
  log: Log
  now: () => number
  /** How often it looks by itself, in ms. Default 5 s. */
  lookMs?: number
}

const atOnce = 5

/** Opens the outbox and begins to deliver. */
export function openOutbox(deps: OutboxDeps): Outbox {
  let running: Promise<void> | undefined
  let again = false
  let stopped = false
  const wake = () => {
    if (stopped) return
    again = true
    running ??= run().finally(() => {
      running = undefined
    })
  }
  async function run(): Promise<void> {
    while (again && !stopped) {
      again = false
      await deliverDue(deps).catch(error => deps.log('error', 'mail.failed', { error: textOf(error) }))
    }
  }
  const timer = setInterval(wake, deps.lookMs ?? 5_000)
  wake()
  return {
    put: (tx, mail, seconds = 86_400) => putMail(tx, deps.secret, mail, { now: deps.now(), seconds }),
    wake,
    stop: async () => {
      stopped = true
      clearInterval(timer)
      await running
    },
  }
}

/** Tries every mail that is due, once. */
export async function deliverDue(deps: OutboxDeps): Promise<void> {
  for (;;) {
    const due = await takeDue(deps.db, deps.secret, deps.now(), atOnce)
    if (due.length === 0) return
    await Promise.all(due.map(mail => deliver(deps, mail)))
  }
}

async function deliver({ db, send, log, now }: OutboxDeps, { id, mail, tries, giveUpAt }: WaitingMail): Promise<void> {
  // Too late already: nobody is to see what it says.
  if (giveUpAt.getTime() <= now()) return dropMail(db, id)
  try {
    const file = await send(id, mail)
    await dropMail(db, id)
    log('info', 'mail.sent', { id, tries, file })
  } catch (error) {
    const at = now() + backOffMs(tries)
    const over = error instanceof MailRefused || at > giveUpAt.getTime()
    log(over ? 'error' : 'warn', over ? 'mail.given-up' : 'mail.deferred', { id, tries, error: reasonOf(error) })
    await (over ? dropMail(db, id) : deferMail(db, id, new Date(at)))
  }
}

/** 5 s, 10 s, 20 s, up to a quarter of an hour. */
export const backOffMs = (tries: number) => Math.min(900_000, 5_000 * 2 ** Math.min(tries - 1, 10))

/** Codes alone: a server's answer may repeat the address, which is nobody's business in a log. */
function reasonOf(error: unknown): string {
  const cause = error instanceof MailRefused ? error.cause : error
  const { code, responseCode, name } = cause as { code?: string; responseCode?: number; name?: string }
  return [code ?? name, responseCode].filter(Boolean).join(' ')
}
