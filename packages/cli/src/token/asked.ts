// What a token may do and how long it lives, as it is written on a command line.

import { SpoqError } from '@spoq/contracts/problem'
import { type TokenScope, tokenLife, tokenScopes } from '@spoq/contracts/token'

/** `machine:read,machine:use`, also over several flags. @throws SpoqError `usage` */
export function readScopes(said: string[]): TokenScope[] {
  const words = said.flatMap(part => part.split(',')).map(word => word.trim())
  return [...new Set(words)].map(word => {
    const scope = tokenScopes.find(known => known === word)
    if (scope) return scope
    throw new SpoqError('usage', {
      message: `--scope does not know "${word}".`,
      next: `Choose of ${tokenScopes.join(', ')}.`,
    })
  })
}

const seconds: Record<string, number> = { m: 60, h: 3_600, d: 86_400 }

/** `30d`, `12h`, `15m`; in seconds. @throws SpoqError `usage` */
export function readLife(said: string): number {
  const [, count, unit = ''] = /^(\d{1,6})([mhd])$/.exec(said) ?? []
  const life = Number(count) * (seconds[unit] ?? Number.NaN)
  if (life >= tokenLife.least && life <= tokenLife.most) return life
  throw new SpoqError('usage', {
    message: `--expires does not understand "${said}".`,
    next: 'Say it as 15m, 12h or 30d; at most 366d.',
  })
}
