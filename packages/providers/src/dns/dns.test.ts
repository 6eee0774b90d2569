import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Cloudflare, startCloudflare } from '@spoq/workbench/stand-ins/cloudflare'
import { weathers } from '@spoq/workbench/stand-ins/rest-api'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { cloudflareZone, fileZone, type Zone } from './index.ts'

let cloud: Cloudflare
let folder: string
beforeEach(async () => {
  cloud = await startCloudflare({ perPage: 2 })
  folder = mkdtempSync(join(tmpdir(), 'spoq-dns-'))
})
afterEach(async () => {
  expect(cloud.invalid).toEqual([])
  await cloud.stop()
  rmSync(folder, { recursive: true })
})

const patience = { answerMs: 500, shutDownMs: 1, pollMs: 1, listLagMs: 1 }
const cloudflare = (installation = 'ours', token = cloud.token) =>
  cloudflareZone({ token, zoneId: cloud.zoneId, url: cloud.url, installation, now: Date.now, patience })
const zones: Record<string, () => Zone> = {
  cloudflare,
  file: () => fileZone(join(folder, 'zone/hosts')),
}
const otter = 'otter.spoq.example'

describe.each(Object.entries(zones))('a zone (%s)', (_, open) => {
  test('has what was published last, and nothing of what was withdrawn', async () => {
    const zone = open()
    await zone.publish(otter, { v4: '203.0.113.1', v6: '2001:db8::1' })
    await zone.publish('mole.spoq.example', { v4: '203.0.113.2' })
    await zone.publish(otter, { v4: '203.0.113.3' })
    expect(Object.fromEntries(await zone.list())).toEqual({
      [otter]: { v4: '203.0.113.3' },
      'mole.spoq.example': { v4: '203.0.113.2' },
    })
    await zone.withdraw(otter)
    await zone.withdraw(otter)
    expect([...(await open().list()).keys()]).toEqual(['mole.spoq.example'])
  })

  test('loses nothing of many that are published at once', async () => {
    const zone = open()
    const names = Array.from({ length: 20 }, (_, i) => `m-${i}.spoq.example`)
    await Promise.all(names.map((name, i) => zone.publish(name, { v4: `203.0.113.${i}` })))
    await Promise.all([zone.publish(otter, { v4: '203.0.113.1' }), zone.publish(otter, { v4: '203.0.113.1' })])
    expect((await zone.list()).size).toBe(21)
  })
})

describe('at Cloudflare', () => {
  test('a record of somebody else is neither changed nor taken away, and named', async () => {
    cloud.strange('A', otter, '198.51.100.9')
    const zone = cloudflare()
    await expect(zone.publish(otter, { v4: '203.0.113.1' })).rejects.toMatchObject({
      kind: 'refused',
      message: `At Cloudflare ${otter} has a record (A) that is not Spoq's.`,
    })
    await cloudflare('another').publish('mole.spoq.example', { v4: '203.0.113.1' })
    await zone.withdraw(otter)
    await zone.withdraw('mole.spoq.example')
    expect(cloud.records()).toEqual(['A mole.spoq.example 203.0.113.1', `A ${otter} 198.51.100.9`])
    expect((await zone.list()).size).toBe(0)
  })

  test('other records of the name stay: a proof of a domain, say', async () => {
    cloud.strange('TXT', otter, 'proof')
    const zone = cloudflare()
    await zone.publish(otter, { v4: '203.0.113.1' })
    await zone.withdraw(otter)
    expect(cloud.records()).toEqual([`TXT ${otter} proof`])
  })

  test('what is as it should be is left alone', async () => {
    const zone = cloudflare()
    await zone.publish(otter, { v4: '203.0.113.1' })
    await zone.publish(otter, { v4: '203.0.113.1' })
    expect(cloud.requests.filter(request => !request.startsWith('GET'))).toHaveLength(1)
  })

  test.each(weathers)('%s: published and withdrawn in the end, once', async weather => {
    const zone = cloudflare()
    const insist = async (work: () => Promise<void>) => {
      for (let tries = 0; tries < 4; tries++) if (await work().then(() => true, isRetry)) return
      throw new Error('it did not come about')
    }
    cloud.weather(/^POST /, weather)
    await insist(() => zone.publish(otter, { v4: '203.0.113.1' }))
    expect(cloud.records()).toEqual([`A ${otter} 203.0.113.1`])
    cloud.weather(/^PUT /, weather)
    await insist(() => zone.publish(otter, { v4: '203.0.113.2' }))
    expect(cloud.records()).toEqual([`A ${otter} 203.0.113.2`])
    cloud.weather(/^DELETE /, weather)
    await insist(() => zone.withdraw(otter))
    expect(cloud.records()).toEqual([])
  })

  test('a wrong token is named by its variable, and told to nobody', async () => {
    const error = await cloudflare('ours', 'hunter2')
      .publish(otter, { v4: '203.0.113.1' })
      .catch((thrown: Error) => thrown)
    expect(String(error)).toContain('CLOUDFLARE_API_TOKEN')
    expect(String(error)).not.toContain('hunter2')
  })
})

const isRetry = (error: { kind?: string }) => {
  expect(error.kind).toBe('retry')
  return false
}

test('the file is one that a resolver reads', async () => {
  const zone = fileZone(join(folder, 'hosts'))
  await zone.publish(otter, { v4: '203.0.113.1', v6: '2001:db8::1' })
  expect(readFileSync(join(folder, 'hosts'), 'utf8')).toBe(`203.0.113.1 ${otter}\n2001:db8::1 ${otter}\n`)
})
