// Reads a manifest as it comes, however long it is.

import { createHash } from 'node:crypto'
import type * as z from 'zod/mini'
import { invalid } from './invalid.ts'
import { head, type Tail, tail } from './manifest.ts'

const longestLine = 64 << 10

export function manifestReader() {
  const hash = createHash('sha256')
  const decoder = new TextDecoder()
  let rest = ''
  let lines = 0
  let last: Tail | undefined

  function line(text: string): void {
    if (last) throw invalid('its manifest goes on after its end')
    const value = parse(text)
    if (lines++ === 0) {
      parsed(head, value)
      return
    }
    const { path, skipped, torn } = (value ?? {}) as Record<string, unknown>
    if (typeof path === 'string') hash.update(`${text}\n`)
    else if (typeof skipped !== 'string' && typeof torn !== 'string') last = parsed(tail, value)
  }

  return {
    take(piece: Buffer): void {
      const parts = (rest + decoder.decode(piece, { stream: true })).split('\n')
      rest = parts.pop() ?? ''
      if (rest.length > longestLine) throw invalid('its manifest is damaged')
      for (const part of parts) line(part)
    },
    /** The hash over the lines of the members, and the last line, if it came. */
    end: () => ({ members: hash.digest('hex'), tail: rest === '' ? last : undefined }),
  }
}

function parsed<T extends z.ZodMiniType>(shape: T, value: unknown): z.output<T> {
  const { data, success } = shape.safeParse(value)
  if (!success) throw invalid('it is of a form that this version does not know')
  return data as z.output<T>
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw invalid('its manifest is damaged', cause)
  }
}
