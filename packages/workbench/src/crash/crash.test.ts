// Both verbs at the same time: each backend is killed while it waits, so two of them fill two cores.

import { describe, expect, test } from 'vitest'
import { killEverywhere } from './kill-everywhere.ts'

/** Calls that must be among those at whose end the backend is killed; a name is the beginning of one. */
const calls = {
  provision: [
    'begin',
    'sql insert into machine',
    'sql insert into audit_record',
    'sql WITH ins AS ( INSERT INTO pgboss.job_common',
    'wake',
    'commit',
    'sql update machine set lease_until',
    'list',
    'create > mkdir',
    'create > writeFile',
    'create > rename',
    'create > open',
    'create > spawn',
    'create #',
    'sql update machine set provider_ref',
    'sql insert into machine_access',
    'tell',
    'sql update machine_access set acknowledged',
  ],
  terminate: [
    'begin',
    'sql update machine set wanted',
    'sql insert into audit_record',
    'sql WITH ins AS ( INSERT INTO pgboss.job_common',
    'wake',
    'commit',
    'sql update machine set lease_until',
    'list',
    'terminate > POST /api/shutdown',
    'terminate > rename',
    'terminate > rm',
    'terminate #',
  ],
}

describe.concurrent('a backend that is killed at any await', { timeout: 900_000 }, () => {
  test('of provision leaves exactly one machine, or none, and an audit of every change', () => oneOrNone('provision'))
  test('of terminate leaves the machine, or nothing of it, and an audit of every change', () => oneOrNone('terminate'))
})

async function oneOrNone(verb: keyof typeof calls): Promise<void> {
  const report = await killEverywhere({ verb })
  console.log(`${verb}: killed ${report.kills} times; ${report.missed.length} places were not met again`)
  expect(report.wrongs).toEqual([])
  const met = report.places.filter(place => !report.missed.includes(place))
  expect(calls[verb].filter(call => !met.some(place => place.startsWith(`after ${call}`)))).toEqual([])
  expect(report.kills).toBe(met.length)
}
