// Errors in Stripe's form.

export interface StripeError {
  type: 'invalid_request_error' | 'card_error' | 'idempotency_error' | 'api_error'
  code?: string
  param?: string
  message: string
  decline_code?: string
  payment_intent?: unknown
}

export class StripeRefusal extends Error {
  readonly status: number
  readonly error: StripeError
  constructor(status: number, error: StripeError) {
    super(error.message)
    this.status = status
    this.error = error
  }
}

export function refuse(message: string, more: { code?: string; param?: string; status?: number } = {}): never {
  const { status = 400, ...rest } = more
  throw new StripeRefusal(status, { type: 'invalid_request_error', message, ...rest })
}

/** What is asked for by its id; 404 when the path names it, 400 when a parameter does. */
export function found<T>(all: ReadonlyMap<string, T>, what: string, id: string, param?: string): T {
  return (
    all.get(id) ??
    refuse(`No such ${what}: '${id}'`, { code: 'resource_missing', param: param ?? 'id', status: param ? 400 : 404 })
  )
}

export type Decline = 'card_declined' | 'insufficient_funds' | 'expired_card' | 'authentication_required'

const said: Record<Decline, string> = {
  card_declined: 'Your card was declined.',
  insufficient_funds: 'Your card has insufficient funds.',
  expired_card: 'Your card has expired.',
  authentication_required: 'Your card was declined. This transaction requires authentication.',
}

/** How a declined card is told: `insufficient_funds` is a reason for `card_declined`, the others are codes. */
export function declined(decline: Decline) {
  const code = decline === 'insufficient_funds' || decline === 'card_declined' ? ('card_declined' as const) : decline
  return {
    type: 'card_error' as const,
    code,
    decline_code: decline === 'card_declined' ? 'generic_decline' : decline,
    message: said[decline],
  }
}
