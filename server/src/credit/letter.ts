// What the owner is told of credit by mail.

import type { TopUpRow } from '../db/tables.ts'
import { dollars } from '../ledger/money.ts'
import type { Mail } from '../mail/mail.ts'
import { writeMail } from '../mail/template.ts'
import { microsOf } from './amount.ts'

const look = 'Look at it: spoq credit balance'
const how = { card: 'by card', crypto: 'in coins', manual: 'by whoever runs this server' } as const

/** The receipt. */
export function receiptFor(to: string, { id, cents, method }: TopUpRow, now: number): Promise<Mail> {
  const amount = dollars(microsOf(cents))
  const verb = method === 'manual' ? 'was given to you' : 'was paid'
  const day = new Date(now).toISOString().slice(0, 10)
  const text = `${amount} of credit ${verb} ${how[method]} on ${day} (${id}).`
  return writeMail({ to, subject: `Receipt: ${amount} of Spoq credit`, text, otherwise: look })
}

/** Something came that is not what was asked for. */
export function reviewFor(to: string, { id, cents, note }: TopUpRow): Promise<Mail> {
  const text = `Your payment for ${dollars(microsOf(cents))} of credit needs a look by a person: ${note}. Nothing is lost; it was not added yet.`
  const otherwise = `Whoever runs this server knows of it. Name it by ${id}.`
  return writeMail({ to, subject: 'Your payment for Spoq credit is looked at', text, otherwise })
}

/** A person has decided that nothing of it becomes credit. */
export function refusedFor(to: string, { id, cents }: TopUpRow, reason: string): Promise<Mail> {
  const text = `Your payment for ${dollars(microsOf(cents))} of credit was looked at and not added: ${reason}.`
  const otherwise = `You see it otherwise? Write to whoever runs this server, and name it by ${id}.`
  return writeMail({ to, subject: 'Your payment for Spoq credit was not added', text, otherwise })
}

/** Money went back, or came back. */
export function takenBackFor(to: string, kind: 'refund' | 'dispute', micros: bigint): Promise<Mail> {
  const isBack = micros > 0n
  const amount = dollars(isBack ? micros : -micros)
  const [why, off] = kind === 'refund' ? ['a refund', 'A refund'] : ['a dispute with your bank', 'A dispute']
  const text = isBack
    ? `${amount} of credit is yours again: ${why} was decided so.`
    : `${amount} was taken off your credit because of ${why}. Below nothing, what is paid from it is suspended.`
  const subject = isBack ? `${amount} of Spoq credit is back` : `${off} took ${amount} off your Spoq credit`
  return writeMail({ to, subject, text, otherwise: look })
}

/** How far credit reaches, when that became less. */
export function standingFor(to: string, standing: 'week' | 'day' | 'empty', available: bigint): Promise<Mail> {
  const there = `There is ${dollars(available)} of credit`
  const said = {
    week: { subject: 'Your Spoq credit lasts for a week at most', text: `${there}: enough for seven days at most.` },
    day: { subject: 'Your Spoq credit lasts for a day', text: `${there}: enough for one more day.` },
    empty: {
      subject: 'Your Spoq credit is used up',
      text: `${there}, which is less than a day costs. Machines that are paid from it are suspended; what is on them is kept for 30 days.`,
    },
  }[standing]
  return writeMail({ to, ...said, otherwise: 'Add some: spoq credit top-up 20' })
}
