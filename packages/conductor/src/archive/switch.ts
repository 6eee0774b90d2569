// Puts what was unpacked in the place of what is there. First all that is there goes aside, then all that is new comes in;
// `restore.json` says which of the two was begun, so that a crash at any moment is gone on from where it was.

import { accessSync, constants, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { syncFolder, writePrivately } from '@spoq/kit/sealed-file'
import type { Staging } from './check.ts'
import * as layout from './layout.ts'

export interface Place {
  /** The machine's folder, and the real path of its workspace. */
  folder: string
  workspace: string
}

/** Where an archive is unpacked. On the same disks as what it replaces: there it only has to be renamed. */
const stagingOf = ({ folder, workspace }: Place): Staging => ({
  folder: join(folder, layout.staging, 'new'),
  workspace: join(workspace, layout.inWorkspace, 'new'),
})

/** Makes the folders for an archive, empty. */
export function beginStaging(place: Place): Staging {
  forget(place)
  const staging = stagingOf(place)
  for (const folder of [staging.folder, staging.workspace]) {
    // What could not be removed makes way, within its folder.
    const around = join(folder, '..')
    if (existsSync(around))
      for (const name of readdirSync(around)) renameSync(join(around, name), join(around, `left-${name}-${Date.now()}`))
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  }
  return staging
}

/** From now on the new content is what counts: the next start puts it in its place, whatever happens until then. */
export const decide = ({ folder }: Place): void => writePhase(folder, 'out')

/**
 * To be called before anything of the machine is opened: carries through what was decided, and removes what was not.
 * @throws what the system says when the old content cannot be moved; then it stands where it stood.
 */
export function carryThrough(place: Place): void {
  const phase = readPhase(place.folder)
  if (phase === null) {
    forget(place)
    return
  }
  const moves = movesOf(place)
  if (phase === 'out') {
    try {
      for (const move of moves) moveAll(move.names(move.now), move.now, move.old)
    } catch (error) {
      for (const move of moves) if (existsSync(move.old)) moveAll(readdirSync(move.old), move.old, move.now)
      rmSync(join(place.folder, layout.progress))
      forget(place)
      throw error
    }
    writePhase(place.folder, 'in')
  }
  for (const move of moves) if (existsSync(move.new)) moveAll(readdirSync(move.new), move.new, move.now)
  rmSync(join(place.folder, layout.progress))
  syncFolder(place.folder)
  forget(place)
}

interface Move {
  now: string
  old: string
  new: string
  /** What of the names in a folder is replaced. */
  names: (folder: string) => string[]
}

function movesOf(place: Place): Move[] {
  const staging = stagingOf(place)
  const inFolder = [...layout.files, ...layout.besideLog, ...layout.folders.filter(name => name !== 'workspace')]
  const aside = (folder: string) => join(folder, '..', 'old')
  return [
    {
      now: place.folder,
      old: aside(staging.folder),
      new: staging.folder,
      names: folder => inFolder.filter(name => existsSync(join(folder, name))),
    },
    {
      now: place.workspace,
      old: aside(staging.workspace),
      new: staging.workspace,
      names: folder => readdirSync(folder).filter(name => name !== layout.inWorkspace),
    },
  ]
}

function moveAll(names: string[], from: string, to: string): void {
  mkdirSync(to, { recursive: true, mode: 0o700 })
  for (const name of names) renameSync(join(from, name), join(to, name))
  syncFolder(from)
  syncFolder(to)
}

/** Removes what was unpacked or moved aside. */
export function forget({ folder, workspace }: Place): void {
  const left = readdirSync(folder).filter(name => name === layout.staging || name.startsWith(layout.copying))
  for (const at of [...left.map(name => join(folder, name)), join(workspace, layout.inWorkspace)])
    try {
      rmSync(at, { recursive: true, force: true })
    } catch (error) {
      // What another user of the workspace closed off stays there: no reason not to start.
      if (!['EACCES', 'EPERM', 'ENOTEMPTY'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
    }
}

/**
 * What of the workspace another user made so that it cannot be put aside: to move a folder takes the right to write in it.
 */
export function immovable({ workspace }: Place): string | undefined {
  return readdirSync(workspace, { withFileTypes: true })
    .filter(entry => entry.isDirectory() && entry.name !== layout.inWorkspace)
    .map(({ name }) => name)
    .find(name => !mayWrite(join(workspace, name)))
}

function mayWrite(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK)
    return true
  } catch {
    return false
  }
}

type Phase = 'out' | 'in'

const writePhase = (folder: string, phase: Phase) =>
  writePrivately(join(folder, layout.progress), `${JSON.stringify({ phase })}\n`)

function readPhase(folder: string): Phase | null {
  try {
    return JSON.parse(readFileSync(join(folder, layout.progress), 'utf8')).phase
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
