import { type Catalog, ProviderError } from '../provider.ts'
import type { Engine } from './options.ts'

interface DockerSize {
  cpus: number
  memoryMb: number
  diskGb: number
  /** Processes and threads. */
  pids: number
}

/** As the plans have it (SPEC 9). */
const sizes: Readonly<Record<string, DockerSize>> = {
  free: { cpus: 0.5, memoryMb: 512, diskGb: 5, pids: 256 },
  small: { cpus: 1, memoryMb: 2_048, diskGb: 10, pids: 512 },
  large: { cpus: 2, memoryMb: 4_096, diskGb: 50, pids: 1_024 },
}

export const usualSize = 'small'

/** One place, and what machines can have of it. It is the operator's own hardware: a machine costs nothing. */
export function catalog({ region }: Engine): Catalog {
  return {
    regions: [{ id: region, name: region, country: null }],
    sizes: Object.entries(sizes).map(([id, { cpus, memoryMb, diskGb }]) => ({
      id,
      cpus,
      memoryMb,
      diskGb,
      prices: [{ region, centsMonthly: 0, currency: 'USD' }],
    })),
  }
}

/** @throws ProviderError `refused` when there is no such size. */
export function sizeOf(size: string): DockerSize {
  const found = Object.hasOwn(sizes, size) ? sizes[size] : undefined
  if (found) return found
  throw new ProviderError('refused', `There is no size ${size}. There are: ${Object.keys(sizes).join(', ')}.`)
}
