// Searches the text files below a root for lines that match a regular expression.

import { globSource } from './glob.ts'
import { openRegular, readBounded } from './inside.ts'
import { type Matcher, startMatcher } from './matcher.ts'
import { type Access, decode, isBinary } from './read.ts'
import { timeFor } from './time.ts'
import { type Walked, walk } from './walk.ts'

export interface GrepOptions extends Access {
  /** Only in files whose path matches, such as `**\/*.ts`. */
  glob?: string | undefined
  /** Most matches to answer. Default 100. */
  limit?: number
  signal?: AbortSignal
  /** Time for all of it, in milliseconds; a pattern that takes longer is stopped. Default 10 s. */
  timeMs?: number
}

export interface Match {
  path: string
  /** Counted from 1. */
  line: number
  /** The line, cut when it is long. */
  text: string
}

/** `more`: why there may be other matches; null when these are all. */
export interface Found {
  matches: Match[]
  more: 'limit' | 'time' | null
}

const largestFile = 4 << 20
/** What stands further to the right in a line is not looked at. */
const longestLine = 2000
const shownLine = 300

/**
 * The lines that match a JavaScript regular expression, file by file.
 * @throws FileRefused when an expression or a pattern cannot be understood.
 */
export async function grep(root: string, expression: string, options: GrepOptions = {}): Promise<Found> {
  const limit = options.limit ?? 100
  const time = timeFor(options)
  await using lines = startMatcher(expression, time)
  await using paths = options.glob === undefined ? null : startMatcher(globSource(options.glob), time)
  const matches: Match[] = []
  try {
    for await (const file of walk(root, options)) {
      time.throwIfAborted()
      if (paths && (await paths.match([file.path], 1)).length === 0) continue
      matches.push(...(await searchFile(file, lines, limit + 1 - matches.length)))
      if (matches.length > limit) return { matches: matches.slice(0, limit), more: 'limit' }
    }
  } catch (error) {
    options.signal?.throwIfAborted()
    if (!time.aborted) throw error
    return { matches, more: 'time' }
  }
  return { matches, more: null }
}

async function searchFile(file: Walked, matcher: Matcher, most: number): Promise<Match[]> {
  const bytes = await readFileOf(file)
  if (bytes === null || isBinary(bytes)) return []
  const lines = decode(bytes)
    .split(/\r?\n/)
    .map(line => line.slice(0, longestLine))
  const indices = await matcher.match(lines, most)
  return indices.map(index => ({ path: file.path, line: index + 1, text: (lines[index] ?? '').slice(0, shownLine) }))
}

/** Null when it went away meanwhile, or may not be read: a search goes on to the next file. */
async function readFileOf({ folder, name, path }: Walked): Promise<Buffer | null> {
  try {
    await using file = await openRegular(folder, name, path)
    return await readBounded(file, largestFile)
  } catch {
    return null
  }
}
