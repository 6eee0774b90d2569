// npm run soak [-- --minutes 10 --seed 1 --database-url URL]: all of this bench for as long as it is let. Without an address
// it is the embedded database; with one, a database of its own on that PostgreSQL, dropped at the end.

import { parseArgs } from 'node:util'
import { testDatabase } from '@spoq/server/db/test-database'
import { killAndAdopt } from './adoption.ts'
import { runMany } from './inside/bench.ts'
import { mutants } from './inside/mutants.ts'
import { share } from './inside/shared.ts'
import { tell } from './inside/tell.ts'
import type { Weather } from './inside/world.ts'
import { killEverywhere } from './kill-everywhere.ts'
import { killInPairs } from './pairs.ts'
import { verbs } from './protocol.ts'
import { generator } from './random.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: String(Date.now() % 1e6) },
    'database-url': { type: 'string' },
  },
})
if (!(Number(values.minutes) > 0) || !Number.isInteger(Number(values.seed))) {
  console.error('Usage: npm run soak -- [--minutes N] [--seed S] [--database-url URL]')
  process.exit(2)
}
const until = Date.now() + Number(values.minutes) * 60_000
const random = generator(Number(values.seed))
const server = values['database-url'] ?? null
if (server) process.env.SPOQ_TEST_DATABASE_URL = server
const enough = () => Date.now() >= until
const wrongs: string[] = []
const say = (line: string) => console.log(line)

say(`seed ${values.seed}, ${values.minutes} minutes, ${server ? 'PostgreSQL' : 'the embedded database'}`)
const weathers: Weather[] = [true, false].flatMap(lag => [true, false].map(sweep => ({ lag, sweep })))

/** The first round is all there is, once; every further one is pairs, in thousands of lives and in real processes. */
await inside(500)
if (!done()) await foundOut()
for (const verb of verbs) if (!done()) await singles(verb)
if (!done()) await pairs(30)
if (!done()) await adoption(100)
while (!done()) {
  await inside(1_000)
  if (!done()) await pairs(8)
  if (!done()) await adoption(10)
}
say(`${wrongs.length} wrong (seed ${values.seed})`)
for (const wrong of wrongs) console.error(wrong)
process.exit(wrongs.length === 0 ? 0 : 1)

function done(): boolean {
  return wrongs.length > 0 || enough()
}

async function inside(howMany: number): Promise<void> {
  const shared = await share(testDatabase)
  // Later rounds take a tenth of the singles, for what there is to pair.
  const part = howMany > 500 ? 0.1 : 1
  const tally = await runMany(shared, { weathers, share: part, pairs: howMany, random, enough })
  await shared.database.close()
  say(tell('in process', tally))
  wrongs.push(...tally.wrongs)
}

async function foundOut(): Promise<void> {
  const shared = await share(testDatabase)
  for (const mutant of mutants) {
    const strict = { verbs: ['provision'], weathers: [{ lag: true, sweep: false }], most: 5 } as const
    const tally = await runMany(shared, { ...strict, pairs: 0, random, mutant, enough })
    say(tell(`a backend that ${mutant.name}`, tally))
    if (tally.wrongs.length === 0 && !enough()) wrongs.push(`a backend that ${mutant.name} is not found out`)
  }
  await shared.database.close()
}

async function singles(verb: (typeof verbs)[number]): Promise<void> {
  const report = await killEverywhere({ verb, enough })
  say(`${verb}: killed ${report.kills} times, ${report.missed.length} missed, ${report.wrongs.length} wrong`)
  wrongs.push(...report.wrongs)
}

async function pairs(howMany: number): Promise<void> {
  const report = await killInPairs({ pairs: howMany, random })
  say(`${howMany} pairs: killed ${report.kills} times, ${report.missed.length} missed, ${report.wrongs.length} wrong`)
  wrongs.push(...report.wrongs)
}

async function adoption(kills: number): Promise<void> {
  const report = await killAndAdopt({ kills, random, enough })
  say(`local machines: ${report.kills} kills of their backend, ${report.wrongs.length} wrong`)
  wrongs.push(...report.wrongs)
}
