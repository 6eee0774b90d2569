// What a machine is called when nobody said.

import { randomBytes } from 'node:crypto'
import { machineName } from '@spoq/contracts/machine'
import { isReserved } from '../name/reserved.ts'

/** How many numbers are tried before chance is: there are many whose address begins with "info". */
const mostNumbers = 9

/** The names to try, best first: after the e-mail address, with a number, then with something random. It has no end. */
export function* suggestions(email: string | null): Generator<string> {
  const base = baseName(email)
  if (!isReserved(base)) yield base
  for (let number = 2; number <= mostNumbers; number++) yield `${base}-${number}`
  for (;;) yield `${base}-${randomBytes(3).toString('hex')}`
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
