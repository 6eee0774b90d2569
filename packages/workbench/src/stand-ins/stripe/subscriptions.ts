// Subscriptions: routes. Periods stand on their items alone.

import * as z from 'zod'
import { found } from './refusal.ts'
import { page, route } from './route.ts'
import { ask, pages, text } from './shape.ts'
import { cancel, resume, update } from './subscription-change.ts'
import { makeSubscription } from './subscription-making.ts'
import { cancelAsk, resumeAsk, subscriptionAsk, updateAsk } from './subscription-shape.ts'

const status = z
  .enum([
    'active',
    'all',
    'canceled',
    'ended',
    'incomplete',
    'incomplete_expired',
    'past_due',
    'paused',
    'trialing',
    'unpaid',
  ])
  .optional()

export const subscriptionRoutes = [
  route('POST', '/v1/subscriptions', subscriptionAsk, ({ world, ask: asked }) => makeSubscription(world, asked)),
  route(
    'GET',
    '/v1/subscriptions',
    ask({ customer: text.optional(), price: text.optional(), status, ...pages }),
    ({ world, ask: asked, path }) => {
      const ended = ['canceled', 'incomplete_expired']
      const all = [...world.subscriptions.values()].filter(
        one =>
          (asked.customer === undefined || one.customer === asked.customer) &&
          (asked.price === undefined || one.items.data.some(({ price }) => price.id === asked.price)) &&
          (asked.status === undefined
            ? one.status !== 'canceled'
            : asked.status === 'all' ||
              (asked.status === 'ended' ? ended.includes(one.status) : one.status === asked.status)),
      )
      return page(all, asked, path)
    },
  ),
  route('GET', '/v1/subscriptions/{id}', ask({}), ({ world, id }) => found(world.subscriptions, 'subscription', id)),
  route('POST', '/v1/subscriptions/{id}', updateAsk, ({ world, id, ask: asked }) =>
    update(world, found(world.subscriptions, 'subscription', id), asked),
  ),
  route('DELETE', '/v1/subscriptions/{id}', cancelAsk, ({ world, id, ask: asked }) =>
    cancel(world, found(world.subscriptions, 'subscription', id), asked),
  ),
  route('POST', '/v1/subscriptions/{id}/resume', resumeAsk, ({ world, id }) =>
    resume(world, found(world.subscriptions, 'subscription', id)),
  ),
]
