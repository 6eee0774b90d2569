import { SpoqError } from '@spoq/contracts/problem'
import Stripe from 'stripe'

/**
 * Runs what asks Stripe; its errors become ours.
 * @throws SpoqError `card_declined`, with the reason that the bank lets be told; `billing_unavailable` for all that may pass
 * by itself or is for whoever runs the server to see to. What is our own mistake stays as it is.
 */
export async function asking<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw problemOf(error)
  }
}

const { errors } = Stripe

function problemOf(error: unknown): unknown {
  if (error instanceof errors.StripeCardError)
    return new SpoqError('card_declined', { cause: error, message: `The card was declined: ${error.message}` })
  const isAway =
    error instanceof errors.StripeConnectionError ||
    error instanceof errors.StripeRateLimitError ||
    error instanceof errors.StripeAPIError
  if (isAway) return new SpoqError('billing_unavailable', { cause: error, retryAfter: 30 })
  const isOurs = error instanceof errors.StripeAuthenticationError || error instanceof errors.StripePermissionError
  return isOurs
    ? new SpoqError('billing_unavailable', {
        cause: error,
        message: 'The payment service does not let this server in.',
        next: 'Tell whoever runs it: STRIPE_SECRET_KEY is wrong, or may not do this.',
      })
    : error
}

/**
 * Whether Stripe itself failed, and keeps saying so to whoever asks with the same key: what became of it is found by looking,
 * and it is asked again with another key.
 */
export const isFault = (error: unknown): boolean =>
  error instanceof SpoqError && error.cause instanceof errors.StripeAPIError && (error.cause.statusCode ?? 0) >= 500

/** Whether Stripe has no such thing, or no longer. */
export const isMissing = (error: unknown): boolean =>
  error instanceof errors.StripeInvalidRequestError && error.code === 'resource_missing'

/** What Stripe no longer has is null. */
export function unlessMissing(error: unknown): null {
  if (isMissing(error)) return null
  throw error
}
