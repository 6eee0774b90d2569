// Takes an archive in the place of all that the machine has.

import { execFile } from 'node:child_process'
import { chmodSync, existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { promisify } from 'node:util'
import type { Restored } from '@spoq/contracts/archive'
import { SpoqError } from '@spoq/contracts/problem'
import { newestForm } from '../log/index.ts'
import { invalid } from './invalid.ts'
import * as layout from './layout.ts'
import { stage } from './stage.ts'
import { beginStaging, decide, forget, immovable, type Place } from './switch.ts'

export interface Restoring extends Place {
  /** Whether no turn is open and no run goes on. */
  atRest: () => boolean
  /** Starts the Conductor anew; from then on it answers nothing else. */
  restart: () => void
}

/** Takes an archive. @throws SpoqError `machine_busy`, `archive_invalid`, `disk_full`: then all is as it was. */
export async function writeArchive(restoring: Restoring, bytes: AsyncIterable<Uint8Array>): Promise<Restored> {
  assertRest(restoring)
  const staging = beginStaging(restoring)
  try {
    const restored = await stage(bytes, staging)
    checkLog(join(staging.folder, layout.log))
    for (const folder of [staging.folder, staging.workspace]) await onDisk(folder)
    // Whoever asked or ran something meanwhile would lose it.
    assertRest(restoring)
    assertMovable(restoring)
    decide(restoring)
    restoring.restart()
    return restored
  } catch (error) {
    forget(restoring)
    throw error
  }
}

function assertRest({ atRest }: Restoring): void {
  if (!atRest()) throw new SpoqError('machine_busy')
}

function assertMovable(place: Place): void {
  const name = immovable(place)
  if (name === undefined) return
  throw new SpoqError('forbidden', {
    message: `The folder ${name} of the workspace belongs to another user, and cannot be put aside. Nothing was changed.`,
    next: `Run chmod g+w ${name} there by whoever made it, or remove it, then try again.`,
  })
}

/** A log that this Conductor could not open would keep it from starting. */
function checkLog(file: string): void {
  if (!existsSync(file)) throw invalid('it has no sessions in it')
  chmodSync(file, 0o600)
  const sql = new DatabaseSync(file, { readOnly: true })
  try {
    const { user_version: form } = sql.prepare('PRAGMA user_version').get() as { user_version: number }
    if (form > newestForm) throw invalid('it was made by a newer Conductor')
    const { quick_check: said } = sql.prepare('PRAGMA quick_check(1)').get() as { quick_check: string }
    if (said !== 'ok') throw invalid('its sessions are damaged')
  } catch (error) {
    throw error instanceof SpoqError ? error : invalid('its sessions are damaged', error)
  } finally {
    sql.close()
    // Whoever only reads leaves them.
    for (const beside of layout.besideLog) rmSync(join(file, '..', beside), { force: true })
  }
}

/** The whole disk at once: a word for each file would take long. */
async function onDisk(folder: string): Promise<void> {
  const sync = promisify(execFile)
  await sync('sync', ['-f', folder]).catch(() => sync('sync'))
}
