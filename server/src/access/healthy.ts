// Whether a machine's Conductor answers its own backend: what it takes for that is fresh there when it is told something.

import { setTimeout as sleep } from 'node:timers/promises'
import { showAccess } from '@spoq/contracts/access'
import { askAs } from './send.ts'

/** Asked a second time before it is believed to be gone: a computer may be busy. */
export async function isHealthy(endpoint: string, token: string): Promise<boolean> {
  if (await answers(endpoint, token)) return true
  await sleep(1_000)
  return answers(endpoint, token)
}

const answers = (endpoint: string, token: string) =>
  askAs({ endpoint, token }, ask => ask(showAccess, {})).then(
    () => true,
    () => false,
  )
