import type { Byo } from './options.ts'
import { turn } from './resume.ts'
import { unit } from './server.ts'

/** Stops the Conductor, now and after a restart of the server. The server itself stays on: it is its owner's. */
export const suspend = (byo: Byo, ref: string): Promise<void> =>
  turn(byo, ref, [
    ': >"$f/stopped" || { echo "Nothing can be written on the server: is its disk full?"; exit 1; }',
    `[ ! -e ${unit} ] || systemctl disable --now --quiet spoq-conductor >/dev/null 2>&1`,
  ])
