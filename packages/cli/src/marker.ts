// On a machine itself there is a marker: whoever is logged in there needs no token.

import { readFileSync } from 'node:fs'
import type { Setting } from './context.ts'

const markerPath = '/etc/spoq/vps.marker'
const usualFolder = '/var/lib/spoq'

export interface Marker {
  /** The folder of the machine's Conductor, with its local socket. */
  folder: string
}

/** The marker of the machine that this is; null elsewhere. SPOQ_MARKER names another file. */
export function readMarker(setting: Setting): Marker | null {
  let text: string
  try {
    text = readFileSync(setting('MARKER') ?? markerPath, 'utf8')
  } catch {
    return null
  }
  const { folder = usualFolder } = text.trim() === '' ? {} : (JSON.parse(text) as Partial<Marker>)
  return { folder }
}
