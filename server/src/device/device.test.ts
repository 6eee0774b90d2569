import { planNames } from '@spoq/contracts/plan'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { listRecords } from '../audit/list.ts'
import { securityLog } from '../audit/security-log.ts'
import type { Database } from '../db/open.ts'
import { emptyTables, testDatabase } from '../db/test-database.ts'
import { terminate } from '../machine/terminate.ts'
import { plans } from '../plan/table.ts'
import { add as addProfile } from '../profile/add.ts'
import { remove as removeProfile } from '../profile/remove.ts'
import { add } from './add.ts'
import { findDevices, revokedAmong, used } from './find.ts'
import { list, show } from './look.ts'
import { lose } from './lose.ts'
import { onProfileRemoved } from './on-profile-removed.ts'
import { prove } from './prove.ts'
import { profilesOf } from './pushed.ts'
import { rename } from './rename.ts'
import { revoke } from './revoke.ts'
import { blobOf, caller, type DeviceWorld, deviceWorld, from, newKey } from './test-world.ts'
import { whoMay } from './who-may.ts'

let database: Database
let world: DeviceWorld
beforeAll(async () => {
  database = await testDatabase()
})
beforeEach(async () => {
  await emptyTables(database)
  world = deviceWorld(database)
})
afterAll(() => database.close())

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'ok',
    error => error.code,
  )
const knock = (name: string, key: string, profile = '') => findDevices(world, { name, profile, key: blobOf(key) })
const stateAt = async (name: string, key: string) => (await knock(name, key))?.state ?? null
const keysOf = async (account: string) => (await list(world, account)).map(({ key }) => key).sort()

describe('a device', () => {
  test('is a key that may use a profile: pending, found by machine and key, and told to the machine', async () => {
    const { id, name, profile } = await world.machine('alice')
    const key = newKey()
    const [made] = await add(world, caller('alice'), {
      ...{ profile, keys: [{ key: `${key} a comment`, name: 'laptop' }] },
      ...{ source: 'github:alice', isHere: false },
    })
    expect(made).toMatchObject({ key, name: 'laptop', state: 'pending', source: 'github:alice', login: null })
    expect(await knock(name, key)).toMatchObject({
      ...{ device: made?.id, account: 'alice', machine: id, state: 'pending' },
      profile: { name: 'spoq', mayForward: false, mayTty: true },
    })
    expect((await profilesOf(world.db, [id])).get(id)).toMatchObject([{ name: 'spoq', isDefault: true, keys: [key] }])
    expect(world.woken).toContain(id)
    expect((await listRecords(world.db, made?.id ?? '')).map(({ action, actor }) => [action, actor])).toEqual([
      ['device.add', 'account:alice'],
    ])
    expect((await securityLog(world.db, 'alice')).map(({ action, address }) => [action, address])).toEqual([
      ['device.add', from.address],
    ])
  })

  test('that is added again is the one that is there', async () => {
    const { profile } = await world.machine('alice')
    const key = newKey()
    const keys = [
      { key, name: 'one' },
      { key, name: 'two' },
    ]
    const first = await add(world, caller('alice'), { profile, keys, isHere: false })
    const again = await add(world, caller('alice'), { profile, keys, isHere: false })
    expect([first.length, again]).toEqual([1, first])
  })

  test('of several keys of which one is weak: none is taken', async () => {
    const { profile } = await world.machine('alice')
    const keys = [newKey(), 'ssh-dss AAAA'].map(key => ({ key, name: 'laptop' }))
    await expect(add(world, caller('alice'), { profile, keys, isHere: false })).rejects.toMatchObject({
      code: 'key_refused',
      message: 'This is a DSA key, which is too weak.',
    })
    expect(await keysOf('alice')).toEqual([])
  })

  test('of another account is not there: not to see, to rename, to revoke, nor its profile to add to', async () => {
    const { profile } = await world.machine('alice')
    const device = await world.device('alice', profile)
    const mallory = caller('mallory')
    expect(await codeOf(show(world, 'mallory', device))).toBe('device_not_found')
    expect(await codeOf(rename(world, mallory, device, 'mine'))).toBe('device_not_found')
    expect(await codeOf(revoke(world, mallory, device))).toBe('device_not_found')
    expect(await codeOf(world.device('mallory', profile))).toBe('profile_not_found')
    expect(await codeOf(lose(world, mallory, 'a laptop'))).toBe('device_not_found')
    expect(await list(world, 'mallory')).toEqual([])
    expect(await show(world, 'alice', device)).toMatchObject({ name: 'a laptop' })
  })

  test('is named anew', async () => {
    const { profile } = await world.machine('alice')
    const device = await world.device('alice', profile)
    expect(await rename(world, caller('alice'), device, 'phone')).toMatchObject({ name: 'phone' })
    expect(await show(world, 'alice', device)).toMatchObject({ name: 'phone' })
  })

  test('that was revoked is refused at once, whoever has it open is named, and its key may be added anew', async () => {
    const { id, name, profile } = await world.machine('alice')
    const [key, other] = [newKey(), newKey()]
    const [device, stays] = [await world.device('alice', profile, key), await world.device('alice', profile, other)]
    expect(await revokedAmong(world.db, [device, stays])).toEqual([])
    await revoke(world, caller('alice'), device)
    expect(await knock(name, key)).toBeNull()
    expect(await revokedAmong(world.db, [device, stays, 'dev_nobody'])).toEqual([device, 'dev_nobody'])
    expect((await profilesOf(world.db, [id])).get(id)?.[0]?.keys).toEqual([other])
    expect(await codeOf(revoke(world, caller('alice'), device))).toBe('device_not_found')
    expect(await codeOf(prove(world, device, from))).toBe('device_not_found')
    expect(await codeOf(used(world, device, from))).toBe('device_not_found')
    expect(await world.device('alice', profile, key)).not.toBe(device)
    expect(await stateAt(name, key)).toBe('pending')
  })

  test('its use is noted at most once a minute', async () => {
    const { profile } = await world.machine('alice')
    const device = await world.device('alice', profile)
    const seen = async () => (await show(world, 'alice', device)).lastUsedFrom
    await used(world, device, { address: '192.0.2.1' })
    expect(await seen()).toBe('192.0.2.1')
    world.time += 60_000
    await used(world, device, { address: '192.0.2.2' })
    expect(await seen()).toBe('192.0.2.1')
    world.time += 1
    await used(world, device, { address: '192.0.2.3' })
    expect(await seen()).toBe('192.0.2.3')
  })
})

describe('a device is let in', () => {
  test('at no other machine, by no other profile, with no other key, and not once the machine ends', async () => {
    const [otter, mole] = [await world.machine('alice'), await world.machine('alice')]
    const key = newKey()
    const device = await world.device('alice', otter.profile, key)
    const work = await addProfile({ ...world, removed: async () => {} }, caller('alice'), {
      ...{ machine: otter.id, name: 'work', mayForward: true, mayTty: false },
    })
    expect(await knock(otter.name, key, 'spoq')).toMatchObject({ device })
    for (const [name, profile, tried] of [
      [mole.name, '', key],
      [otter.name, 'work', key],
      [otter.name, 'home', key],
      [otter.name, '', newKey()],
      ['nobody', '', key],
      [otter.name, '', 'ssh-rsa not!base64'],
    ] as const)
      expect(await knock(name, tried, profile)).toBeNull()
    await world.device('alice', work.id, key)
    expect(await knock(otter.name, key, 'work')).toMatchObject({
      profile: { mayForward: true, mayTty: false },
    })
    await terminate(world, { account: 'alice', requestId: 'req_test' }, otter.id)
    expect([await knock(otter.name, key), await revokedAmong(world.db, [device])]).toEqual([null, [device]])
    expect(await list(world, 'alice')).toEqual([])
  })
})

describe('a key belongs to the account that signed in with it', () => {
  test('once proven it is so at all profiles of that account, and stays until the last device of it is gone', async () => {
    const [otter, mole] = [await world.machine('alice'), await world.machine('alice')]
    const key = newKey()
    const [one, two] = [await world.device('alice', otter.profile, key), await world.device('alice', mole.profile, key)]
    await prove(world, one, from)
    await prove(world, one, from)
    expect([await stateAt(otter.name, key), await stateAt(mole.name, key)]).toEqual(['proven', 'proven'])
    expect((await listRecords(world.db, one)).map(({ action }) => action)).toEqual(['device.add', 'device.prove'])

    const bobs = await world.machine('bob')
    const his = await world.device('bob', bobs.profile, key)
    await revoke(world, caller('alice'), one)
    expect(await codeOf(prove(world, his, from))).toBe('key_elsewhere')
    await revoke(world, caller('alice'), two)
    expect(await codeOf(prove(world, his, from))).toBe('ok')
  })

  // The attack: Mallory registers Alice's public key, which everybody can read at her handle.
  test("a pasted key of somebody else's neither blocks nor catches its owner", async () => {
    const [alices, mallorys] = [await world.machine('alice'), await world.machine('mallory')]
    const key = newKey()
    const pasted = await world.device('mallory', mallorys.profile, key)
    const own = await world.device('alice', alices.profile, key)
    expect(await knock(alices.name, key)).toMatchObject({ account: 'alice', device: own, state: 'pending' })
    expect(await codeOf(prove(world, own, from))).toBe('ok')
    expect(await knock(alices.name, key)).toMatchObject({ account: 'alice', state: 'proven' })
    expect(await stateAt(mallorys.name, key)).toBe('pending')
    expect(await codeOf(prove(world, pasted, from))).toBe('key_elsewhere')
    expect(await stateAt(alices.name, key)).toBe('proven')
  })

  test('a second account is refused and both are told, once, and neither of the other', async () => {
    const [alices, bobs] = [await world.machine('alice'), await world.machine('bob')]
    const key = newKey()
    await prove(world, await world.device('alice', alices.profile, key), from)
    const his = await world.device('bob', bobs.profile, key, "bob's")
    for (let times = 0; times < 3; times++) expect(await codeOf(prove(world, his, from))).toBe('key_elsewhere')
    expect(world.mails.map(({ to, subject }) => [to, subject])).toEqual([
      ['bob@example.com', "Your device bob's was refused"],
      ['alice@example.com', 'A key of yours was used for another account'],
    ])
    expect(world.mails[0]?.text).not.toContain('alice')
    expect(world.mails[1]?.text).not.toContain('bob')
    const logged = async (account: string) => (await securityLog(world.db, account)).map(({ action }) => action)
    expect([await logged('alice'), await logged('bob')]).toEqual([
      ['device.refuse', 'device.prove', 'device.add'],
      ['device.refuse', 'device.add'],
    ])
    expect(JSON.stringify(await securityLog(world.db, 'alice'))).not.toContain('bob')
  })

  test('of many accounts that prove it at once one has it', async () => {
    const key = newKey()
    const accounts = Array.from({ length: 6 }, (_, i) => `account-${i}`)
    const devices = await Promise.all(
      accounts.map(async account => world.device(account, (await world.machine(account)).profile, key)),
    )
    const codes = await Promise.all(devices.map(device => codeOf(prove(world, device, from))))
    expect(codes.toSorted()).toEqual([...Array(5).fill('key_elsewhere'), 'ok'])
  })

  test('revoked while it is proven, it is nobody’s afterwards', async () => {
    const { profile } = await world.machine('alice')
    for (let times = 0; times < 10; times++) {
      const device = await world.device('alice', profile)
      await Promise.all([codeOf(prove(world, device, from)), revoke(world, caller('alice'), device)])
    }
    expect(await world.db.selectFrom('proven_key').selectAll().execute()).toEqual([])
  })

  test('its machine’s end frees it, but not what the account has elsewhere', async () => {
    const [otter, mole] = [await world.machine('alice'), await world.machine('alice')]
    const [both, single] = [newKey(), newKey()]
    for (const [profile, key] of [
      [otter.profile, both],
      [mole.profile, both],
      [otter.profile, single],
    ] as const)
      await prove(world, await world.device('alice', profile, key), from)
    await terminate(world, { account: 'alice', requestId: 'req_test' }, otter.id)
    expect(await stateAt(mole.name, both)).toBe('proven')
    expect(await world.db.selectFrom('proven_key').selectAll().execute()).toHaveLength(1)
  })
})

describe('what a plan allows', () => {
  const fill = async (account: string, profile: string, count: number) => {
    const codes: string[] = []
    for (let n = 0; n < count; n++) codes.push(await codeOf(world.device(account, profile)))
    return codes
  }

  test.each(planNames.filter(name => plans[name].limits.devices !== null))('%s: devices a profile', async name => {
    world.plan = plans[name]
    const most = plans[name].limits.devicesPerProfile ?? 0
    const { profile } = await world.machine('alice')
    expect(await fill('alice', profile, most + 1)).toEqual([...Array(most).fill('ok'), 'plan_limit'])
    expect(await list(world, 'alice')).toHaveLength(most)
  })

  test.each(planNames.filter(name => plans[name].limits.devices !== null))('%s: devices an account', async name => {
    world.plan = plans[name]
    const most = plans[name].limits.devices ?? 0
    const each = plans[name].limits.devicesPerProfile ?? 0
    const codes: string[] = []
    while (codes.filter(code => code === 'ok').length < most)
      codes.push(...(await fill('alice', (await world.machine('alice')).profile, each)))
    expect(codes).toEqual(Array(most).fill('ok'))
    const next = world.device('alice', (await world.machine('alice')).profile)
    await expect(next).rejects.toMatchObject({
      code: 'plan_limit',
      message: `The plan ${plans[name].title} has ${most} devices.`,
      next: expect.stringMatching(/spoq subscribe|whoever runs/),
    })
    // Who ends one may add one, and what others have counts for nobody else.
    const [first] = await list(world, 'alice')
    await revoke(world, caller('alice'), first?.id ?? '')
    expect(await fill('alice', first?.profile ?? '', 1)).toEqual(['ok'])
    expect(await fill('bob', (await world.machine('bob')).profile, 1)).toEqual(['ok'])
  })

  test('those that are added at once are counted as well', async () => {
    world.plan = plans.basic
    const { profile } = await world.machine('alice')
    const codes = await Promise.all(Array.from({ length: 8 }, () => codeOf(world.device('alice', profile))))
    expect(codes.toSorted()).toEqual([...Array(2).fill('ok'), ...Array(6).fill('plan_limit')])
  })

  // Mutants: the newest stay; those that were revoked take room; another account's count.
  test('after it became a smaller one the oldest come in, and the others again once there is room', async () => {
    const [{ name, profile }, bobs] = [await world.machine('alice'), await world.machine('bob')]
    await fill('bob', bobs.profile, 3)
    const keys = Array.from({ length: 4 }, newKey)
    const devices: string[] = []
    for (const key of keys) {
      devices.push(await world.device('alice', profile, key))
      world.time += 1_000
    }
    world.plan = plans.free
    const states = async () => (await list(world, 'alice')).toReversed().map(({ state }) => state)
    const comeIn = () =>
      Promise.all(
        keys.map(key =>
          whoMay(world, { name, profile: '', key: blobOf(key) }, { address: '192.0.2.9' }).then(
            comer => (comer ? 'ok' : 'nobody'),
            error => error.code,
          ),
        ),
      )
    expect([await comeIn(), await states()]).toEqual([
      ['ok', 'ok', 'plan_limit', 'plan_limit'],
      ['proven', 'proven', 'frozen', 'frozen'],
    ])
    await revoke(world, caller('alice'), devices[0] ?? '')
    expect(await comeIn()).toEqual(['nobody', 'ok', 'ok', 'plan_limit'])
    world.plan = plans.enterprise
    expect([await comeIn(), await states()]).toEqual([['nobody', 'ok', 'ok', 'ok'], Array(3).fill('proven')])
  })

  test('devices of a machine that is over count no more', async () => {
    world.plan = plans.free
    const { id, profile } = await world.machine('alice')
    await fill('alice', profile, 2)
    await terminate(world, { account: 'alice', requestId: 'req_test' }, id)
    expect(await fill('alice', (await world.machine('alice')).profile, 2)).toEqual(['ok', 'ok'])
    expect(await codeOf(world.device('alice', profile))).toBe('profile_not_found')
  })
})

describe('what is lost', () => {
  const laptop = 'login_aaaaaaaaaaaaaaaaaaaa'
  const before = 'login_bbbbbbbbbbbbbbbbbbbb'
  const phone = 'login_cccccccccccccccccccc'
  const here = async (account: string, login: string, profile: string, name: string) => {
    const asked = { profile, keys: [{ key: newKey(), name }], isHere: true }
    return (await add(world, caller(account, login), asked))[0]?.id ?? ''
  }

  test('ends the keys of a computer and its logins together, and nothing else', async () => {
    const { profile } = await world.machine('alice')
    world.loginsOf.set('alice', [
      { id: laptop, name: 'alice@laptop', stands: true },
      { id: before, name: 'alice@laptop', stands: false },
      { id: phone, name: 'alice@phone', stands: true },
    ])
    const renamed = await here('alice', before, profile, 'old key')
    const own = await here('alice', laptop, profile, 'alice@laptop')
    const phones = await here('alice', phone, profile, 'alice@phone')
    const pasted = await world.device('alice', profile, newKey(), 'oaftobark')
    const lost = await lose(world, caller('alice'), 'alice@laptop')
    expect(lost.devices.map(({ id }) => id).sort()).toEqual([renamed, own].sort())
    expect(lost.logins).toEqual([{ id: laptop, name: 'alice@laptop' }])
    expect(await revokedAmong(world.db, [renamed, own, phones, pasted])).toEqual([renamed, own])
    expect(world.loginsOf.get('alice')?.filter(({ stands }) => stands)).toMatchObject([{ id: phone }])
    expect(await codeOf(lose(world, caller('alice'), 'alice@laptop'))).toBe('device_not_found')
  })

  test('is found by the name of a device too, whatever its login is called', async () => {
    const { profile } = await world.machine('alice')
    world.loginsOf.set('alice', [{ id: laptop, name: 'alice@laptop', stands: true }])
    const own = await here('alice', laptop, profile, 'my laptop')
    const lost = await lose(world, caller('alice'), 'my laptop')
    expect([lost.devices.map(({ id }) => id), lost.logins.map(({ id }) => id)]).toEqual([[own], [laptop]])
  })
})

test('whoever signed is known with all they may: proven by it, noted, and told where the key is another’s', async () => {
  const [alices, bobs] = [await world.machine('alice'), await world.machine('bob')]
  const key = newKey()
  const signs = (name: string, tried = key) =>
    whoMay(world, { name, profile: '', key: blobOf(tried) }, { address: '192.0.2.9' })
  const device = await world.device('alice', alices.profile, key)
  await world.device('bob', bobs.profile, key)
  const comer = { account: 'alice', machine: alices.id, device, mayForward: false, mayTty: true }
  expect([await signs(alices.name), await signs(alices.name)]).toEqual([comer, comer])
  expect(await show(world, 'alice', device)).toMatchObject({ state: 'proven', lastUsedFrom: '192.0.2.9' })
  expect(await codeOf(signs(bobs.name))).toBe('key_elsewhere')
  expect(await signs(alices.name, newKey())).toBeNull()
  await revoke(world, caller('alice'), device)
  expect(await signs(alices.name)).toBeNull()
})

test('a profile that is removed takes its devices with it, those of others stay', async () => {
  const { id, name, profile } = await world.machine('alice')
  const ports = { ...world, removed: onProfileRemoved(world) }
  const work = await addProfile(ports, caller('alice'), { machine: id, name: 'work', mayForward: false, mayTty: true })
  const [gone, stays] = [await world.device('alice', work.id), await world.device('alice', profile)]
  await removeProfile(ports, caller('alice'), work.id)
  expect(await revokedAmong(world.db, [gone, stays])).toEqual([gone])
  expect((await profilesOf(world.db, [id])).get(id)?.map(one => one.name)).toEqual(['spoq'])
  expect(await knock(name, newKey(), 'work')).toBeNull()
})
