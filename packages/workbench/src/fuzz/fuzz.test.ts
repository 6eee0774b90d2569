// A part of the requests; `fuzz.engine.test.ts` sends all and watches the memory.

import { expect, test } from 'vitest'
import { backendTarget } from './backend.ts'
import { conductorTarget, type Sender } from './conductor.ts'
import { fuzz } from './fuzz.ts'
import { findingsText, seed } from './report.ts'

test('the backend, 2,000 made-up requests: no fault, nothing told of the inside, every answer of its shape', async () => {
  const { target, world } = await backendTarget()
  await using _ = world
  const findings = await fuzz(target, { seed, count: 2_000, windows: 1 })
  console.log(findingsText('backend', findings))
  expect(findings.faults.slice(0, 5)).toEqual([])
  expect(findings.logged).toEqual([])
  expect(findings.sent).toBe(2_000)
  // Requests that are all turned away at the door would prove little.
  for (const status of [200, 201, 202, 400, 401, 403, 404]) expect(findings.statuses).toHaveProperty(String(status))
}, 240_000)

test.each<[Sender, number, number[]]>([
  ['edge', 800, [200, 204, 400, 401, 403, 404]],
  ['backend', 200, [200, 400, 401]],
  ['local', 800, [200, 201, 202, 204, 400, 404]],
])(
  'a Conductor, from %s, %i made-up requests: the same, and nothing runs that nobody allowed',
  async (sender, count, statuses) => {
    const { target } = await conductorTarget(sender)
    const findings = await fuzz(target, { seed, count, windows: 2 })
    console.log(findingsText(`Conductor, ${sender}`, findings))
    expect(findings.faults.slice(0, 5)).toEqual([])
    expect(findings.logged).toEqual([])
    expect(findings.sent).toBe(count)
    for (const status of statuses) expect(findings.statuses).toHaveProperty(String(status))
  },
  240_000,
)
