// What the other side may ask for, and how much of it the disk takes.

import { statfsSync } from 'node:fs'
import { assertMayBe } from './manifest.ts'
import type { Action } from './merge.ts'
import { whyNoPath } from './path.ts'
import { PeerRefused } from './refused.ts'
import { isHomeByName } from './stays-home.ts'

export const pathOf = (action: Action): string => (action.kind === 'put' ? action.entry.path : action.path)

/** @throws PeerRefused for an action that no honest side asks for. */
export function assertAllowed(action: Action, include: readonly string[]): void {
  if (action.kind === 'put') assertMayBe(action.entry)
  if (action.kind === 'put' && action.copy !== undefined && action.entry.kind !== 'file')
    throw new PeerRefused('it copies what is no file', action.entry.path)
  for (const path of [pathOf(action), ...(action.kind === 'put' && action.copy !== undefined ? [action.copy] : [])]) {
    const why = whyNoPath(path)
    if (why) throw new PeerRefused(`a path of it ${why}`, path)
    if (isHomeByName(path, include)) throw new PeerRefused('it reaches for what stays home', path)
  }
}

/** What stays free on a disk, in bytes: the machine's own log must go on. */
const reserve = 32 << 20
/** For so many bytes the disk is asked once. */
const granted = 8 << 20

/** Answers a function that throws `ENOSPC` when a disk has no room for so many bytes more. */
export function roomOn(root: string): (bytes: number) => void {
  let left = 0
  return bytes => {
    if (bytes > left) {
      const { bavail, bsize } = statfsSync(root)
      const room = bavail * bsize - reserve
      if (bytes > room) throw Object.assign(new Error(), { code: 'ENOSPC' })
      left = Math.min(room, bytes + granted)
    }
    left -= bytes
  }
}
