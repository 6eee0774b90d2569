import type { Findings } from './fuzz.ts'

/** Another one finds other things: SPOQ_FUZZ_SEED=1. */
export const seed = Number(process.env.SPOQ_FUZZ_SEED ?? 20_261_121)

/** What was sent and answered, in a line. */
export const findingsText = (whom: string, { sent, statuses, faults }: Findings) =>
  `fuzz of ${whom}: seed ${seed}, ${sent} requests, ${faults.length} faults, answers ${JSON.stringify(statuses)}`
