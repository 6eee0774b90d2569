// The templates: what a machine can be set up as, what it is used for, and how it is paid. Everything that a template
// decides is read from here.

import type { TemplateName } from '@spoq/contracts/machine'
import type { PolicyName } from '@spoq/contracts/policy'
import { SpoqError } from '@spoq/contracts/problem'
import type { Workload } from '@spoq/contracts/provider'

export interface Template {
  title: string
  workload: Workload
  /** By the plan of its account, whose limits are then its own; or from credit, by the day, beside any plan. */
  paid: 'plan' | { credit: DailyPrice }
  /** What has to be accepted before one is made. */
  policy: PolicyName | null
}

/** What a day costs: a thirtieth of what the provider takes a month, with so much more; and so much at least. */
export interface DailyPrice {
  markupPercent: number
  leastCents: number
}

/** Those that there are; `openclaw` comes later. */
export const templates = {
  spoq: { title: 'Spoq', workload: 'general', paid: 'plan', policy: null },
  seedbox: {
    title: 'seedbox',
    workload: 'torrent',
    paid: { credit: { markupPercent: 20, leastCents: 20 } },
    policy: 'acceptable-use',
  },
} as const satisfies Partial<Record<TemplateName, Template>>

export type KnownTemplate = keyof typeof templates
export const templateNames = Object.keys(templates) as KnownTemplate[]

/** Those that plans pay for. */
export const planTemplates = templateNames.filter(name => templates[name].paid === 'plan')

/** The template that was asked for. @throws SpoqError `template_unknown`. */
export function chosenTemplate(asked: TemplateName = 'spoq'): KnownTemplate {
  const known = templateNames.find(name => name === asked)
  if (known) return known
  throw new SpoqError('template_unknown', {
    message: `This server cannot set up a machine as ${asked} yet.`,
    next: `It can as: ${templateNames.join(', ')}.`,
  })
}

/** A day's price where it is paid from credit; null: its plan pays for it. */
export function dailyPriceOf(name: KnownTemplate): DailyPrice | null {
  const { paid }: Template = templates[name]
  return paid === 'plan' ? null : paid.credit
}
