// What a plan has, which Hostinger's API tells of servers but not of what it sells. Written down on 2026-11-21 from
// Hostinger's product list, to be checked before it is relied on. Prices come from the API.

import type { Size } from '../provider.ts'

type Row = readonly [name: string, cpus: number, memoryGb: number, diskGb: number]

const rows: readonly Row[] = [
  ['KVM 1', 1, 4, 50],
  ['KVM 2', 2, 8, 100],
  ['KVM 4', 4, 16, 200],
  ['KVM 8', 8, 32, 400],
]

/** By the name that it has in the catalog. */
export const plans: ReadonlyMap<string, Pick<Size, 'cpus' | 'memoryMb' | 'diskGb'>> = new Map(
  rows.map(([name, cpus, memoryGb, diskGb]) => [name, { cpus, memoryMb: memoryGb * 1024, diskGb }]),
)
