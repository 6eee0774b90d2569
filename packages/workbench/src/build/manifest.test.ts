import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { manifestText } from './manifest.ts'

const root = resolve(import.meta.dirname, '../../../..')
const read = (name: string) => readFileSync(join(root, name), 'utf8')

test('oclif.manifest.json says what the commands say', async () => {
  expect(read('oclif.manifest.json')).toBe(await manifestText(JSON.parse(read('package.json')), root))
})
