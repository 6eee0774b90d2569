// 2,000 of the requests; `fuzz.engine.test.ts` sends all and watches the memory.

import { expect, test } from 'vitest'
import { fuzz } from './fuzz.ts'
import { findingsText, seed } from './report.ts'

test('2,000 made-up requests: no fault, nothing told of the inside, every answer of its shape', async () => {
  const findings = await fuzz({ seed, count: 2_000, windows: 1 })
  console.log(findingsText(findings))
  expect(findings.faults.slice(0, 5)).toEqual([])
  expect(findings.logged).toEqual([])
  expect(findings.sent).toBe(2_000)
  // Requests that are all turned away at the door would prove little.
  for (const status of [200, 201, 202, 400, 401, 403, 404]) expect(findings.statuses).toHaveProperty(String(status))
}, 240_000)
