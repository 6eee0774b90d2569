import type { Machine } from '@spoq/contracts/machine'
import { expect, test } from 'vitest'
import { isAsleep } from './asleep.ts'
import { machineListing, machineTable } from './show.ts'

const machine: Machine = {
  id: 'mach_0123456789abcdef0123',
  name: 'otter',
  provider: 'docker',
  template: 'spoq',
  region: 'docker',
  size: 'free',
  price: null,
  state: 'suspended',
  wanted: 'running',
  holds: ['idle'],
  endpoint: 'https://otter.spoq.test',
  stage: null,
  error: null,
  createdAt: '2026-11-21T10:00:00.000Z',
  updatedAt: '2026-11-21T10:00:00.000Z',
}

test.each<[string, Partial<Machine>, boolean]>([
  ['nobody used it', {}, true],
  ['it is coming up from that', { holds: [] }, true],
  ['it is held for money as well', { holds: ['idle', 'balance'] }, false],
  ['its owner stopped it', { wanted: 'stopped' }, false],
  ['it runs', { state: 'running', holds: [] }, false],
])('a machine is asleep or not when %s', (_, change, asleep) => {
  const seen = { ...machine, ...change }
  expect(isAsleep(seen)).toBe(asleep)
  for (const shown of [machineListing(seen), machineTable([seen], Date.now())])
    expect(shown.includes('asleep; wakes on the next question')).toBe(asleep)
})
