import { SpoqError } from '@spoq/contracts/problem'

/**
 * After which event a stream goes on: by the header that a reconnecting reader sends, else by the query, else all.
 * @throws SpoqError `invalid_request` when the header is no id.
 */
export function lastEventId(header: (name: string) => string | undefined, after: number | undefined): number {
  const sent = header('last-event-id')
  if (sent === undefined || sent === '') return after ?? 0
  if (!/^\d{1,15}$/.test(sent)) throw new SpoqError('invalid_request', { message: 'Last-Event-ID is not a number.' })
  return Number(sent)
}
