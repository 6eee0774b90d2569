import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { columns, type PhoneWorld, startPhoneWorld, travel } from './phone.ts'
import { whyNoSshd } from './sshd.ts'

describe.skipIf(whyNoSshd())('J3, the phone', () => {
  let world: PhoneWorld
  beforeAll(async () => {
    world = await startPhoneWorld()
  }, 180_000)
  afterAll(() => world?.[Symbol.asyncDispose]())

  test('in with a shared key, asked without a token, the laptop’s conversation carried on, approvals from either side', async () => {
    const wide: string[] = []
    const seen: string[] = []
    await travel(world, (title, lines) => {
      seen.push(title)
      wide.push(...lines.filter(line => [...line].length > columns))
    })
    expect(wide).toEqual([])
    expect(seen).toHaveLength(8)
  }, 120_000)
})
