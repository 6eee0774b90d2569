// Before keys were sealed, the choice of a model stood in `model.json` with its key. It moves over once.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { removeSealed } from '@spoq/kit/sealed-file'
import * as z from 'zod/mini'
import type { ModelKeys } from './keys.ts'
import { readSettings, writeSettings } from './settings.ts'

const before = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('demo') }),
  z.object({
    kind: z.literal('openai-compatible'),
    model: z.string(),
    url: z.string(),
    key: z.optional(z.string()),
  }),
])

/**
 * Moves what `model.json` holds, and removes it: afterwards no plain key is on the disk. A crash in between lets it
 * begin again. A file that cannot be read is left for its owner to see.
 */
export async function movePlainKey(folder: string, keys: ModelKeys): Promise<void> {
  const path = join(folder, 'model.json')
  const old = read(path)
  if (!old) return
  if (old.kind === 'openai-compatible') {
    const url = old.url.replace(/\/+$/, '')
    if (old.key) await keys.write('openai-compatible', url, old.key)
    const settings = readSettings(folder)
    const chosen = `openai-compatible/${old.model}`
    writeSettings(folder, { ...settings, chosen, url: { ...settings.url, 'openai-compatible': url } })
  } else writeSettings(folder, { ...readSettings(folder), chosen: 'demo' })
  removeSealed(path)
}

function read(path: string): z.infer<typeof before> | null {
  try {
    return before.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    return null
  }
}
