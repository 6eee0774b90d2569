// Two owners, a machine each, two gateways, one backend: each reaches their own by every command and the other's by none,
// machines do not reach each other, and a gateway that dies is made up for by the other.

import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { whyNoPostgres } from '../postgres/server.ts'
import { gateways, type Owner, type Ran, startWorld, whatIsMissing, type World } from './apart/world.ts'
import { whyNoSshd } from './sshd.ts'

const whyNot = whyNoSshd() ?? whyNoPostgres ?? whatIsMissing()
if (whyNot) {
  console.log(`skipped: ${whyNot}`)
  if (process.env.CI === 'true') throw new Error(whyNot)
}

describe.skipIf(whyNot)('two owners and two gateways', () => {
  let world: World
  let [ann, ben]: Owner[] = []

  beforeAll(async () => {
    world = await startWorld()
    ;[ann, ben] = [world.ann, world.ben]
    for (const owner of [world.ann, world.ben]) {
      const made = await owner.spoq('provision', '--name', owner.machine)
      expect(made, `${made.err}${world.backend.said()}`).toMatchObject({ status: 0 })
      const added = await owner.spoq('device', 'add', '--file', '/root/.ssh/id_ed25519.pub', '--all')
      expect(added, added.err).toMatchObject({ status: 0 })
      writeFileSync(join(owner.there, 'who'), `the machine of ${owner.name}\n`)
    }
  }, 180_000)
  afterAll(() => world?.[Symbol.asyncDispose]())

  test('x', async () => {
    console.log(await ann?.spoq('ssh', '--', 'cat who'))
    console.log(await ben?.spoq('ssh', '--', 'cat who'))
    console.log(await ben?.spoq('run', '--', 'pwd'))
    console.log(await ben?.spoq('ask', '--model', 'demo', '--mode', 'plan', 'count 3'))
    console.log(await ben?.spoq('status'))
    console.log(await ben?.spoq('ssh', '-m', 'anna', '--', 'cat who'))
  })
})
