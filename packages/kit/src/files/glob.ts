// Lists the files below a root whose path matches a pattern.

import picomatch from 'picomatch'
import { FileRefused } from './inside.ts'
import { startMatcher } from './matcher.ts'
import type { Access } from './read.ts'
import { timeFor } from './time.ts'
import { walk } from './walk.ts'

export interface GlobOptions extends Access {
  /** Most paths to answer. Default 200. */
  limit?: number
  signal?: AbortSignal
  /** Time for all of it, in milliseconds. Default 10 s. */
  timeMs?: number
}

/** `more`: there are others, or the time was over before all was seen. */
export interface Listing {
  paths: string[]
  more: boolean
}

const longestGlob = 256
/** As many paths go to the matcher at once. */
const batch = 1000

/**
 * The files that match a pattern such as `src/**\/*.ts`; names that begin with a dot are matched like others.
 * @throws FileRefused for a pattern that cannot be understood.
 */
export async function glob(root: string, pattern: string, options: GlobOptions = {}): Promise<Listing> {
  const limit = options.limit ?? 200
  const time = timeFor(options)
  await using matcher = startMatcher(globSource(pattern), time)
  const paths: string[] = []
  try {
    for await (const some of batches(root, options, time)) {
      for (const index of await matcher.match(some, limit + 1)) paths.push(some[index] as string)
      if (paths.length > limit) break
    }
  } catch (error) {
    options.signal?.throwIfAborted()
    if (!time.aborted) throw error
    return { paths: paths.slice(0, limit), more: true }
  }
  return { paths: paths.slice(0, limit), more: paths.length > limit }
}

/** The regular expression that a pattern of file names stands for. */
export function globSource(pattern: string): string {
  if (pattern.length > longestGlob) throw new FileRefused(`the pattern has more than ${longestGlob} characters`)
  const plain = pattern.replace(/^(?:\.?\/)+/, '')
  if (plain === '' || plain.split('/').includes('..'))
    throw new FileRefused(`${pattern} is no pattern of paths below the folder; one is src/**/*.ts`)
  return picomatch.makeRe(plain, { dot: true, noextglob: true, nonegate: true }).source
}

async function* batches(root: string, access: Access, time: AbortSignal): AsyncGenerator<string[]> {
  let some: string[] = []
  for await (const { path } of walk(root, access)) {
    time.throwIfAborted()
    some.push(path)
    if (some.length === batch) {
      yield some
      some = []
    }
  }
  if (some.length > 0) yield some
}
