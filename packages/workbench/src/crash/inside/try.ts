import { testDatabase } from '@spoq/server/db/test-database'
import { PGliteDialect, sql } from 'kysely'
import { installWitness } from '../rows.ts'
import { generator } from '../random.ts'
import { runMany, runsOf } from './bench.ts'
import { mutants } from './mutants.ts'
const database = await testDatabase()
const shared = { engine: 'pglite', dialect: new PGliteDialect({ pglite: database.pglite }), db: database.db }
await sql`create table crash_wake (machine text)`.execute(shared.db)
await installWitness(shared.db)
const t = performance.now()
const tally = await runMany(shared, { weathers: [{ lag: false, sweep: true }, { lag: true, sweep: false }], pairs: Number(process.argv[3]??0), share: Number(process.argv[2] ?? 1), random: generator(Number(process.argv[4]??1)) })
console.log(((performance.now() - t)/runsOf(tally)).toFixed(1), 'ms each', tally)
if (process.argv[5]) for (const mutant of mutants) {
  const tally = await runMany(shared, { weathers: [{ lag: false, sweep: true }, { lag: true, sweep: false }], pairs: 0, share: 0.05, random: generator(1), mutant })
  console.log(mutant.name, runsOf(tally), tally.wrongs.length, tally.wrongs.slice(0,3))
}
process.exit()
