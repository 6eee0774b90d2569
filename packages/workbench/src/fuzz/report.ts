import type { Findings } from './fuzz.ts'

/** Another one finds other things: SPOQ_FUZZ_SEED=1. */
export const seed = Number(process.env.SPOQ_FUZZ_SEED ?? 20_261_121)

/** What was sent and answered, in a line. */
export const findingsText = ({ sent, statuses, faults }: Findings) =>
  `fuzz: seed ${seed}, ${sent} requests, ${faults.length} faults, answers ${JSON.stringify(statuses)}`
