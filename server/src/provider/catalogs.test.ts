import { ProviderError, type ProvisioningProvider } from '@spoq/providers'
import { expect, test } from 'vitest'
import { openCatalogs } from './catalogs.ts'

const catalog = { regions: [{ id: 'east', name: 'East', country: null }], sizes: [] }

function provider() {
  const answers = { asked: 0, fails: false }
  const ask = async () => {
    answers.asked++
    if (answers.fails) throw new ProviderError('retry', 'It is away.')
    return catalog
  }
  return { answers, provider: { name: 'hetzner', catalog: ask } as unknown as ProvisioningProvider }
}

function opened() {
  const clock = { now: 0 }
  return { clock, catalogOf: openCatalogs({ now: () => clock.now, log: () => {} }) }
}

test('many who ask at once, and those of the next ten minutes, cost one request', async () => {
  const { clock, catalogOf } = opened()
  const { answers, provider: hetzner } = provider()
  await Promise.all(Array.from({ length: 20 }, () => catalogOf(hetzner)))
  clock.now = 599_999
  await catalogOf(hetzner)
  expect(answers.asked).toBe(1)
  clock.now = 600_000
  await catalogOf(hetzner)
  expect(answers.asked).toBe(2)
})

test('what was known serves for a day while the provider is away, and then no longer', async () => {
  const { clock, catalogOf } = opened()
  const { answers, provider: hetzner } = provider()
  await catalogOf(hetzner)
  answers.fails = true
  clock.now = 86_399_999
  expect(await catalogOf(hetzner)).toBe(catalog)
  clock.now = 86_400_000
  await expect(catalogOf(hetzner)).rejects.toThrow('It is away.')
})

test('one that never answered is an error, and is asked again', async () => {
  const { catalogOf } = opened()
  const { answers, provider: hetzner } = provider()
  answers.fails = true
  await expect(catalogOf(hetzner)).rejects.toThrow('It is away.')
  answers.fails = false
  expect(await catalogOf(hetzner)).toBe(catalog)
})

test('where there is nothing to choose nobody is asked', async () => {
  expect(await opened().catalogOf({ name: 'local' } as ProvisioningProvider)).toBeNull()
})
