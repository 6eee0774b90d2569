// Whoever is let in to a machine that is not there yet waits, and is told so.

import { setTimeout as sleep } from 'node:timers/promises'

/** Let in, once the machine is there. */
export interface Coming {
  coming: string
}

interface Options<Entered> {
  /** Asks once more. */
  again: () => Promise<Entered | Coming>
  tell: (text: string) => void
  /** Whether the person has gone. */
  isGone: () => boolean
  patienceMs?: number
}

const usualPatienceMs = 45_000
const everyMs = 300

/** Answers the first that is not to be waited for; after so many ms why it is not there. */
export async function untilThere<Entered extends object>(
  first: Entered | Coming,
  { again, tell, isGone, patienceMs = usualPatienceMs }: Options<Entered>,
): Promise<Entered | { refusal: string }> {
  const end = performance.now() + patienceMs
  let who = first
  if ('coming' in who) tell(who.coming)
  while ('coming' in who && performance.now() < end && !isGone()) {
    await sleep(everyMs)
    who = await again()
  }
  return 'coming' in who ? { refusal: `${who.coming} It takes longer than usual: try again in a minute.` } : who
}
