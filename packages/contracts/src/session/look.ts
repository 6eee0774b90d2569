import * as z from 'zod/mini'

// What read, glob and grep are asked, on the machine and in a `client.request` alike. The descriptions are for a model.

const path = z.string().check(z.minLength(1), z.maxLength(4096), z.describe('Below the folder, with slashes'))
const line = z.number().check(z.int(), z.minimum(1))
const files = z.string().check(z.minLength(1), z.maxLength(256), z.describe('Such as src/**/*.ts'))

export const readInput = z.object({
  path,
  from: z.optional(line.check(z.describe('First line, counted from 1'))),
  to: z.optional(line.check(z.describe('Last line'))),
})

export const globInput = z.object({ pattern: files })

export const grepInput = z.object({
  pattern: z.string().check(z.minLength(1), z.maxLength(1000), z.describe('A JavaScript regular expression')),
  glob: z.optional(files),
})
