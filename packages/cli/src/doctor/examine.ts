// Makes the checks one after the other; one that failed makes those that need it "not checked".

import { toFault } from '../fault.ts'
import { type Check, type Finding, fail, type Look } from './check.ts'

export interface Examined {
  id: string
  state: Finding['state'] | 'not checked'
  says: string
  next?: string
}

const usualLimitMs = 5_000

/** Gives each finding as it is made. Never throws. */
export async function* examine(checks: readonly Check[], look: Omit<Look, 'signal'>): AsyncGenerator<Examined> {
  const missing = new Set<string>()
  for (const check of checks) {
    const without = check.needs?.find(id => missing.has(id))
    const finding = without === undefined ? await made(check, look) : undefined
    if (finding === undefined || finding.state === 'fail') missing.add(check.id)
    yield finding ? { id: check.id, ...finding } : { id: check.id, state: 'not checked', says: `needs ${without}` }
  }
}

async function made({ run, limitMs = usualLimitMs }: Check, look: Omit<Look, 'signal'>): Promise<Finding> {
  const signal = AbortSignal.timeout(limitMs)
  const late = new Promise<never>((_, reject) =>
    signal.addEventListener('abort', () => reject(signal.reason), { once: true }),
  )
  try {
    return await Promise.race([(async () => run({ ...look, signal }))(), late])
  } catch (error) {
    if (signal.aborted)
      return fail(`no answer within ${limitMs / 1000} s`, 'Try again; if it stays so, look at the network.')
    const { message, next } = toFault(error, { bin: look.context.bin, json: false })
    return fail(message.replace(/\.$/, ''), next)
  }
}
