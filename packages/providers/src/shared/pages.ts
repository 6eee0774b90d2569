/** Everything of a list that comes in pages: `page` answers one, and by what the next is asked for. */
export async function everyPage<T, C>(
  first: C,
  page: (cursor: C) => Promise<{ items: readonly T[]; next: C | null | undefined }>,
): Promise<T[]> {
  const all: T[] = []
  let cursor: C | null | undefined = first
  for (let pages = 0; cursor !== null && cursor !== undefined && pages < mostPages; pages++) {
    const { items, next } = await page(cursor)
    all.push(...items)
    cursor = next
  }
  return all
}

/** A provider whose pages never end must not keep the backend. */
const mostPages = 1_000
