import { oauth } from '@spoq/contracts/login'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { temporaryFolder } from '../testing.ts'
import type { Place } from './kept.ts'
import { machineToken } from './machine-token.ts'
import { openStore } from './secret-store.ts'
import { changeSettings } from './settings.ts'
import { type StandIn, startStandIn } from './stand-in.ts'
import { keepTokens } from './tokens.ts'

const machine = 'mach_0000000000000000'
let standIn: StandIn
let folder: ReturnType<typeof temporaryFolder>
let place: Place
let now: number

beforeEach(async () => {
  standIn = await startStandIn()
  folder = temporaryFolder()
  now = Date.now()
  place = { dataDir: folder.path, now: () => now, setting: () => undefined }
  changeSettings(folder.path, () => ({ logins: { [standIn.url]: { store: 'file', clientId: 'a-client' } } }))
  const tokens = { accessToken: 'the-login', refreshToken: 'r', expiresAt: now + 7_200_000 }
  await keepTokens(place, await openStore('file', folder.path), standIn.url, tokens)
})
afterEach(async () => {
  folder[Symbol.dispose]()
  await standIn[Symbol.asyncDispose]()
})

const get = (refused?: string) => machineToken(place, standIn.url, machine, refused)

test('a machine’s token is had once, and again shortly before it ends', async () => {
  const first = await get()
  expect(await get()).toBe(first)
  now += 3_600_000 - 59_000
  expect(await get()).not.toBe(first)
  expect(standIn.granted).toEqual([oauth.exchangeGrant, oauth.exchangeGrant])
})

test('a token that the machine refused is not given again', async () => {
  const first = await get()
  expect(await get(first)).not.toBe(first)
})

test('a machine refuses, and the clock differs from the server’s: the clock is named', async () => {
  const first = await get()
  standIn.script.clockAheadMs = -3_600_000
  await expect(get(first)).rejects.toMatchObject({
    code: 'clock_off',
    message: `This computer's clock is 60 minutes ahead of ${standIn.url}.`,
  })
})

test('a machine that is gone is not found', async () => {
  standIn.script.grants = { [oauth.exchangeGrant]: 'invalid_target' }
  await expect(get()).rejects.toMatchObject({ code: 'machine_not_found' })
})
