import type { SshEntry } from '@spoq/contracts/gateway'
import { type ErrorCode, SpoqError } from '@spoq/contracts/problem'
import type { Coming } from './until-there.ts'

export type Entered = SshEntry | { refusal: string }
export type Answered = Entered | Coming

/** What the backend said of somebody: where they are led, why not, or that the machine comes up; null for the code of nobody. */
export async function answered(ask: () => Promise<Answered>, nobody: ErrorCode): Promise<Answered | null> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof SpoqError && error.code === nobody) return null
    if (error instanceof SpoqError && error.code === 'machine_away') return { coming: error.message }
    return refusalOf(error)
  }
}

/** Why it cannot be, for the person to read. */
export function refusalOf(error: unknown): { refusal: string } {
  if (error instanceof SpoqError && error.code !== 'internal') return { refusal: `${error.message} ${error.next}` }
  return { refusal: 'The gateway cannot ask who you are just now. Try again in a minute.' }
}
