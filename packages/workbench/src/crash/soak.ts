// npm run soak [-- --minutes 10 --seed 1]: kills the backend in pairs, once in a verb and once more while it recovers, at
// places and at moments, for as long as it is let.

import { parseArgs } from 'node:util'
import { killEverywhere } from './kill-everywhere.ts'
import type { Place } from './places.ts'

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string', default: String(Date.now() % 1e6) } },
})
const until = Date.now() + Number(values.minutes) * 60_000
const random = generator(Number(values.seed))
const oneOf = (places: Place[]) => places[Math.floor(random() * places.length)] ?? null
const moment = (most: number): Place => `at ${Math.floor(random() * most)} ms`

console.log(`seed ${values.seed}`)
let kills = 0
const wrongs: string[] = []
while (Date.now() < until && wrongs.length === 0) {
  for (const verb of ['provision', 'terminate'] as const) {
    const report = await killEverywhere({
      verb,
      choose: places =>
        Array.from({ length: 10 }, () => (random() < 0.5 ? moment(600) : (oneOf(places) ?? moment(600)))),
      again: places => (random() < 0.5 ? moment(2_000) : oneOf(places)),
      tell: console.log,
    })
    kills += report.kills
    wrongs.push(...report.wrongs)
  }
}
console.log(`killed ${kills} times, ${wrongs.length} wrongs (seed ${values.seed})`)
for (const wrong of wrongs) console.error(wrong)
process.exitCode = wrongs.length === 0 ? 0 : 1

/** The same numbers from 0 to 1 for the same seed (mulberry32). */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
