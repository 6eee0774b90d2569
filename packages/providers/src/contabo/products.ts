// What Contabo sells, which its API does not tell: neither what a product has nor what it costs. Written down on
// 2026-11-21; disks from the API's document, the rest from Contabo's product list, to be checked before it is relied on.
// Prices are for a contract of one month in the region EU, without taxes; other regions cost more, how much is not in the
// document, so they are not offered. Products for storage are left out: the API does not sell them.

import type { Size } from '../provider.ts'

type Row = readonly [id: string, cpus: number, memoryGb: number, diskGb: number, centsMonthly: number]

const rows: readonly Row[] = [
  ['V91', 4, 8, 75, 450],
  ['V92', 4, 8, 150, 450],
  ['V94', 6, 12, 100, 700],
  ['V95', 6, 12, 200, 700],
  ['V97', 8, 24, 200, 1_400],
  ['V98', 8, 24, 400, 1_400],
  ['V100', 12, 48, 250, 2_500],
  ['V101', 12, 48, 500, 2_500],
  ['V103', 16, 64, 300, 3_700],
  ['V104', 16, 64, 600, 3_700],
  ['V106', 18, 96, 350, 4_900],
  ['V107', 18, 96, 700, 4_900],
]

/** Where the prices hold. */
export const pricedRegion = 'EU'

export const products: readonly Size[] = rows.map(([id, cpus, memoryGb, diskGb, centsMonthly]) => ({
  id,
  cpus,
  memoryMb: memoryGb * 1024,
  diskGb,
  prices: [{ region: pricedRegion, centsMonthly, currency: 'EUR' }],
}))
