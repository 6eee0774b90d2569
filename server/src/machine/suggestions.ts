// What a machine is called when nobody said.

import { machineName } from '@spoq/contracts/machine'
import { isReserved } from '../name/reserved.ts'

/** The names to try, best first: after the e-mail address, then with a number. It has no end. */
export function* suggestions(email: string | null): Generator<string> {
  const base = baseName(email)
  if (!isReserved(base)) yield base
  for (let number = 2; ; number++) yield `${base}-${number}`
}

function baseName(email: string | null): string {
  const name = (email?.split('@')[0] ?? '')
    .toLowerCase()
    .replace(/\+.*$/, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, 50)
    .replace(/-+$/, '')
  return machineName.safeParse(name).success ? name : 'machine'
}
