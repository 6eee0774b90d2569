// What the owner has set about models: `models.json` in the machine's folder. No key is in it.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Budget, budget, modelPrice, type Vendor, vendor } from '@spoq/contracts/model'
import { SpoqError } from '@spoq/contracts/problem'
import { writePrivately } from '@spoq/kit/sealed-file'
import * as z from 'zod/mini'

const settings = z.object({
  /** Full names: the one that answers, then the others in the order they are asked in. */
  chosen: z._default(z.nullable(z.string()), null),
  fallback: z._default(z.array(z.string()), []),
  /** The owner's own names: alias -> full name. */
  alias: z._default(z.record(z.string(), z.string()), {}),
  /** Addresses in the place of the vendors' own. */
  url: z._default(z.partialRecord(vendor, z.string()), {}),
  price: z._default(z.record(z.string(), modelPrice), {}),
  budget: z.optional(budget),
  /** How many tokens a model takes in one call, where the vendor's figure is not right: full name -> tokens. */
  context: z._default(z.record(z.string(), z.number().check(z.int(), z.minimum(1000))), {}),
  /** How long a model may be silent, in ms; for slow models on own hardware. */
  patience: z._default(z.object({ firstByteMs: z.optional(z.number()), betweenBytesMs: z.optional(z.number()) }), {}),
})
export type ModelSettings = z.infer<typeof settings>

const none = { costMicros: null, tokens: null }
export const noBudget: Budget = { turn: none, day: none }

/** What is set; all of it empty when nothing was. @throws SpoqError `config_invalid` when the file is not as we write it. */
export function readSettings(folder: string): ModelSettings {
  const path = file(folder)
  try {
    return bare(settings.parse(JSON.parse(readFileSync(path, 'utf8'))))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return bare(settings.parse({}))
    throw new SpoqError('config_invalid', {
      message: `${path} does not hold what is set about models.`,
      next: 'Remove that file, then choose again with spoq model use.',
    })
  }
}

const bare = (read: ModelSettings): ModelSettings => ({
  ...read,
  alias: byName(read.alias),
  price: byName(read.price),
  context: byName(read.context),
})

/** Without what every object has: a question may ask for a model by the name `constructor`. */
const byName = <T>(all: Record<string, T>): Record<string, T> => Object.assign(Object.create(null), all)

/** Replaces what is set; a crash leaves the old or the new. */
export function writeSettings(folder: string, changed: ModelSettings): void {
  writePrivately(file(folder), `${JSON.stringify(changed, null, 2)}\n`)
}

/** Full names are `vendor/model`; a model's own name may have slashes too. */
export function splitName(name: string): { vendor: Vendor; model: string } | null {
  const slash = name.indexOf('/')
  const known = vendor.safeParse(name.slice(0, slash))
  const model = name.slice(slash + 1)
  return slash > 0 && known.success && model !== '' ? { vendor: known.data, model } : null
}

const file = (folder: string) => join(folder, 'models.json')
