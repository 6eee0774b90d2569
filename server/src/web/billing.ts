// Where Stripe's pages lead back to: most people came from a terminal.

import { messagePage } from './message.ts'

const said: Record<string, { title: string; text: string }> = {
  '/billing/done': {
    title: 'Thank you',
    text: 'That is done. Your terminal knows of it in a moment; you can close this page.',
  },
  '/billing/cancelled': {
    title: 'Nothing was paid',
    text: 'You can close this page. The link in your terminal stays good for a day.',
  },
}

/** The page at a path; null: there is none. */
export function billingPage({ method, url }: Request): Promise<Response> | null {
  const text = method === 'GET' ? said[new URL(url).pathname] : undefined
  return text ? messagePage(text) : null
}
