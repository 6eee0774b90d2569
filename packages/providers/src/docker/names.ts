// What a machine's things are called, and how they are known again.

import { createHash } from 'node:crypto'
import { machineId } from '@spoq/contracts/machine'
import type { Engine } from './options.ts'

/** On each of them: whose it is, and which Spoq's. `form`: what a container was made by. */
export const labels = {
  machine: 'dev.spoq.machine',
  installation: 'dev.spoq.installation',
  size: 'dev.spoq.size',
  form: 'dev.spoq.form',
  /** Of a volume: `limited`, or `unlimited` where the Engine's storage knows no limits. */
  disk: 'dev.spoq.disk',
} as const

/** Container, volume and network of a machine have one name; two creates cannot both make them. */
export const nameOf = ({ installation }: Engine, machine: string) => `spoq-${installation}-${machine}`

/** Of every bridge: the rules know machines by it. The system allows 15 letters. */
export const bridgePrefix = 'spoq'

/** `variant`: another name, where the first is taken. */
export function bridgeOf(engine: Engine, machine: string, variant: number): string {
  const hash = createHash('sha256').update(`${nameOf(engine, machine)} ${variant}`)
  return `${bridgePrefix}${hash.digest('hex').slice(0, 10)}`
}

export const labelsOf = ({ installation }: Engine, machine: string): Record<string, string> => ({
  [labels.machine]: machine,
  [labels.installation]: installation,
})

export const isOurs = ({ installation }: Engine, has: Record<string, string> | undefined | null, machine: string) =>
  has?.[labels.installation] === installation && has[labels.machine] === machine

/** What a question for everything of ours is narrowed by; of one machine when it is named. */
export const filtersOf = ({ installation }: Engine, machine?: string) => ({
  label: [
    `${labels.installation}=${installation}`,
    machine === undefined ? labels.machine : `${labels.machine}=${machine}`,
  ],
})

/** True for what may be a machine's id: anything else could be the name of something else. */
export const isMachine = (ref: string) => machineId.safeParse(ref).success
