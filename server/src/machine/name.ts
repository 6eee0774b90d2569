// What a machine is called when nobody said.

import { machineName } from '@spoq/contracts/machine'

/** Names that would read as ours or as a part of the system. */
const reserved = new Set([
  'admin',
  'api',
  'app',
  'auth',
  'billing',
  'blog',
  'dashboard',
  'dns',
  'docs',
  'ftp',
  'gateway',
  'git',
  'help',
  'internal',
  'local',
  'localhost',
  'mail',
  'metrics',
  'ns1',
  'ns2',
  'root',
  'security',
  'smtp',
  'sparebox',
  'spoq',
  'ssh',
  'static',
  'status',
  'support',
  'test',
  'webhooks',
  'www',
])

export const isReserved = (name: string): boolean => reserved.has(name)

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
