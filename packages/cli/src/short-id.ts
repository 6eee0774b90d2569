// Ids as a person types them: their beginning, as long as it is clear which one is meant.

import { SpoqError } from '@spoq/contracts/problem'

/** As long as every id of ours: a kind and 20 characters. */
const randomLength = 20

/** Fewer characters than this are a slip rather than an id. */
const fewest = 2

/**
 * The id that is meant by its beginning, with or without the kind: `sess_4f0c2a…`, `sess_4f`, `4f`.
 * @param find answers the ids that begin so.
 * @throws SpoqError `notFound` or `ambiguous_id`, which names some.
 */
export async function wholeId(
  kind: 'sess' | 'run',
  typed: string,
  notFound: 'session_not_found' | 'run_not_found',
  find: (prefix: string) => Promise<string[]>,
): Promise<string> {
  const noun = notFound === 'run_not_found' ? 'run' : 'session'
  const prefix = typed.startsWith(`${kind}_`) ? typed : `${kind}_${typed}`
  const [, random = ''] = new RegExp(`^${kind}_([a-z0-9]{0,32})$`).exec(prefix) ?? []
  const missing = new SpoqError(notFound, {
    message: `There is no ${noun} ${typed} on this machine.`,
    next: `See spoq ${noun} list.`,
  })
  if (random.length < fewest) throw missing
  if (random.length >= randomLength) return prefix
  const [first, ...others] = await find(prefix)
  if (first === undefined) throw missing
  if (others.length === 0) return first
  throw new SpoqError('ambiguous_id', {
    message: `Several ${noun}s begin with ${typed}: ${[first, ...others].slice(0, 4).join(', ')}${others.length > 3 ? ', …' : ''}`,
  })
}

/** Beginnings that tell these ids apart, at least so long that a new id hardly begins the same. */
export function shortIds(ids: readonly string[], shortest = 11): Map<string, string> {
  const sorted = [...ids].sort()
  const short = sorted.map((id, index) => {
    const common = Math.max(commonLength(id, sorted[index - 1]), commonLength(id, sorted[index + 1]))
    return [id, id.slice(0, Math.max(shortest, common + 1))] as const
  })
  return new Map(short)
}

function commonLength(a: string, b = ''): number {
  let length = 0
  while (length < a.length && a[length] === b[length]) length++
  return length
}
