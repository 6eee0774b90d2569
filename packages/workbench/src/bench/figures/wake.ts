// From asking a machine that sleeps until it answers, over making one. Both through a gateway, on a real Engine, in turn.

import { setTimeout as sleep } from 'node:timers/promises'
import { call } from '@spoq/client/call'
import type { Target } from '@spoq/client/target'
import { listSessions } from '@spoq/contracts/session'
import { whyNoDocker } from '../../docker/bed.ts'
import { startDockerNat } from '../../reach/docker-nat.ts'
import { type Figure, median } from '../figure.ts'

const rounds = 5

export const wake: Figure = {
  id: 'wake',
  // What starts is a container with its Conductor either way: what a wake saves is making it, its volume and its network.
  goal: { most: 1 },
  about:
    'time from the first request to a sleeping machine until its answer / from asking for a new machine until its own',
  skipped: whyNoDocker,
  measure: async () => {
    let idleMs: number | null = null
    await using nat = await startDockerNat({ idleAfterMs: () => idleMs, idleMs: 200 })
    const took: { cold: number; woken: number }[] = []
    for (let round = 0; round < rounds + 1; round++) {
      const owner = await nat.register(`person${round}`)
      const begun = performance.now()
      const { id, endpoint } = await nat.make(owner)
      const token = await nat.tokenFor(owner, id)
      const machine: Target = {
        origin: endpoint,
        token: async () => token,
        unreachable: 'machine_unreachable',
        now: Date.now,
      }
      await call(machine, listSessions)
      const cold = performance.now() - begun
      idleMs = 300
      while ((await nat.show(owner, id)).state !== 'suspended') await sleep(100)
      idleMs = null
      // What has just been stopped is still being cleared away.
      await sleep(2_000)
      const asked = performance.now()
      await call(machine, listSessions)
      const woken = performance.now() - asked
      if (round > 0) took.push({ cold, woken })
      await nat.terminate(owner, id)
    }
    const [cold, woken] = [median(took.map(one => one.cold)), median(took.map(one => one.woken))]
    console.error(`a wake ${woken.toFixed(0)} ms, a create ${cold.toFixed(0)} ms`)
    return median(took.map(one => one.woken / one.cold))
  },
}
