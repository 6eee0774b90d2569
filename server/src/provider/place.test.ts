import type { Catalog } from '@spoq/providers'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { plans } from '../plan/table.ts'
import { choosePlace } from './place.ts'

const region = (id: string) => ({ id, name: id, country: null })
const size = (id: string, memoryMb: number, prices: [region: string, cents: number][]) => ({
  id,
  cpus: 2,
  memoryMb,
  diskGb: 50,
  prices: prices.map(([at, centsMonthly]) => ({ region: at, centsMonthly, currency: 'EUR' })),
})
const catalog: Catalog = {
  regions: [region('east'), region('west'), region('north')],
  sizes: [
    size('tiny', 512, [['east', 100]]),
    size('small', 2_048, [
      ['east', 500],
      ['west', 400],
    ]),
    size('large', 8_192, [['east', 900]]),
  ],
}

describe('where a machine is made', () => {
  test.each([
    ['nothing asked: the cheapest that is large enough', {}, 'small west 400'],
    ['a region: the cheapest there', { region: 'east' }, 'small east 500'],
    ['a size: where it is cheapest', { size: 'large' }, 'large east 900'],
    ['a size that is asked for may be small', { size: 'tiny' }, 'tiny east 100'],
    ['the price that was told', { region: 'east', centsMonthly: 500 }, 'small east 500'],
  ])('%s', (_, asked, expected) => {
    const { region: at, size: chosen, price } = choosePlace(catalog, asked, plans.enterprise)
    expect(`${chosen} ${at} ${price.centsMonthly}`).toBe(expected)
  })

  test('what costs nothing is no larger than is needed', () => {
    const free = { ...catalog, sizes: [size('large', 8_192, [['east', 0]]), size('small', 2_048, [['east', 0]])] }
    expect(choosePlace(free, {}, plans.enterprise).size).toBe('small')
  })

  test.each([
    [{ region: 'mars' }, 'region_unknown', 'east, west, north'],
    [{ size: 'huge' }, 'size_unknown', 'tiny, small, large'],
    [{ region: 'west', size: 'large' }, 'size_unknown', 'There are: small.'],
    [{ region: 'north' }, 'size_unknown', 'another region'],
    [{ region: 'east', centsMonthly: 499 }, 'price_changed', ''],
  ])('%j is refused, and what there is is told', (asked, code, next) => {
    expect(() => choosePlace(catalog, asked, plans.enterprise)).toThrow(expect.objectContaining({ code }))
    try {
      choosePlace(catalog, asked, plans.enterprise)
    } catch (error) {
      expect((error as { next: string }).next).toContain(next)
    }
  })

  // The smallest server may be larger than the plan needs; no other may be.
  test.each([
    ['free', {}, 'tiny'],
    ['free', { size: 'tiny' }, 'tiny'],
    ['free', { size: 'small', region: 'east' }, 'plan_limit'],
    ['basic', { size: 'tiny' }, 'tiny'],
    ['basic', { size: 'small' }, 'small'],
    ['basic', { size: 'large' }, 'plan_limit'],
    ['team', {}, 'large'],
    ['enterprise', { size: 'large' }, 'large'],
  ] as const)('the plan %s with %j: %s', (plan, asked, expected) => {
    const choose = () => choosePlace(catalog, asked, plans[plan])
    if (expected === 'plan_limit') expect(choose).toThrow(expect.objectContaining({ code: expected }))
    else expect(choose().size).toBe(expected)
  })

  // Mutants: `sort` left out or the other way round; `isEnough` with one comparison less; a filter left out.
  test('is one that is offered, large enough, and none is cheaper', () => {
    const anySize = fc.record({
      id: fc.constantFrom('a', 'b', 'c', 'd'),
      cpus: fc.integer({ min: 1, max: 4 }),
      memoryMb: fc.constantFrom(512, 1_884, 1_885, 4_096),
      diskGb: fc.constantFrom(5, 10, 80),
      prices: fc.array(
        fc.record({
          region: fc.constantFrom('east', 'west'),
          centsMonthly: fc.integer({ min: 1, max: 9 }),
          currency: fc.constant('EUR'),
        }),
        { maxLength: 2 },
      ),
    })
    fc.assert(
      fc.property(fc.uniqueArray(anySize, { selector: ({ id }) => id }), sizes => {
        // 2,048 MB, of which a provider may count 8 % less.
        const enough = sizes.filter(one => one.cpus >= 1 && one.memoryMb >= 1_885 && one.diskGb >= 10)
        const costs = enough.flatMap(one => one.prices.map(({ centsMonthly }) => centsMonthly))
        const choose = () => choosePlace({ regions: catalog.regions, sizes }, {}, plans.basic)
        if (costs.length === 0) expect(choose).toThrow()
        else {
          const chosen = choose()
          expect(chosen.price.centsMonthly).toBe(Math.min(...costs))
          expect(enough.some(one => one.id === chosen.size)).toBe(true)
        }
      }),
    )
  })
})
