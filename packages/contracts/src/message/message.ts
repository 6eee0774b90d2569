import * as z from 'zod/mini'
import { instant } from '../http/shape.ts'

const count = z.int().check(z.minimum(0), z.maximum(1_000_000_000))

/** A calendar month, UTC: `2026-11`. */
export const month = z.string().check(z.regex(/^[0-9]{4}-(0[1-9]|1[0-2])$/))

/** The month that a moment is in. */
export const monthAt = (ms: number): string => new Date(ms).toISOString().slice(0, 7)

/** The first moment after a month, in ms. */
export function monthEnd(name: string): number {
  const [year = 0, number = 0] = name.split('-').map(Number)
  return Date.UTC(year, number, 1)
}

/** Turns that a machine accepted in a month: `all` of them, and of these those on Spoq credit. */
export const messageCount = z.object({ month, all: count, onCredit: count })
export type MessageCount = z.infer<typeof messageCount>

const limit = z.object({
  /** How many the account may send in a month. */
  most: count,
  /** How many of the month went to its other machines, those that ended too. */
  elsewhere: count,
  /** How many of the month the backend knows this machine to have accepted: an older copy of its log may know of fewer. */
  here: count,
  /** How to get more, in words. */
  next: z.string(),
})

/** What a plan lets a machine accept in a month; null: any number. Another month begins with nothing used. */
export const messageLimits = z.object({
  /** The plan's title. */
  plan: z.string(),
  /** The one that is counted in `elsewhere` and `here`: the backend's own at that moment. */
  month,
  all: z.nullable(limit),
  onCredit: z.nullable(limit),
})
export type MessageLimits = z.infer<typeof messageLimits>

/** How many of an account's messages are used, as far as this machine knows. */
export const messageUse = z.object({
  used: count,
  most: count,
  /** Whether it is the number on Spoq credit alone. */
  onCredit: z.boolean(),
  /** When the next month begins. */
  until: instant,
})
export type MessageUse = z.infer<typeof messageUse>

/** The day of an instant, as it is in UTC: `1 December`. */
export const dayInWords = (at: string): string =>
  new Date(at).toLocaleDateString('en-GB', { day: 'numeric', month: 'long', timeZone: 'UTC' })
