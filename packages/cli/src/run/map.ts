// Which local folder is which folder of a machine's workspace: `cli/run-map.json`.

import { readFileSync, realpathSync } from 'node:fs'
import { isAbsolute, join, relative, sep } from 'node:path'
import type { Context } from '../context.ts'
import { folders } from '../data-dir.ts'
import { writePrivately } from '../private-file.ts'

export interface Mapped {
  /** Its real path. */
  local: string
  /** Relative to the workspace, with slashes. */
  directory: string
  /** The machine by name or id; null for whichever is the only one. */
  machine: string | null
}

type Place = Pick<Context, 'dataDir' | 'machine'>

/** The folders that are mapped; none when the file cannot be read. */
export function readMap({ dataDir }: Pick<Context, 'dataDir'>): Mapped[] {
  try {
    return JSON.parse(readFileSync(file(dataDir), 'utf8')) as Mapped[]
  } catch {
    return []
  }
}

/** Where a command of this folder runs: in the matching place, by the nearest mapped folder above; else in the workspace. */
export function directoryFor(place: Place, local: string): string {
  const nearest = nearestMapped(place, local)
  if (!nearest) return '.'
  return [nearest.directory, below(nearest.local, realpathSync(local))].filter(Boolean).join('/')
}

/** The nearest mapped folder above one, or itself. */
export function nearestMapped(place: Place, local: string): Mapped | undefined {
  const here = realpathSync(local)
  const fitting = readMap(place)
    .filter(mapped => mapped.machine === (place.machine ?? null) && below(mapped.local, here) !== undefined)
    .sort((a, b) => b.local.length - a.local.length)
  return fitting[0]
}

/** Maps a folder, in place of what it was mapped to. */
export function mapFolder(place: Place, local: string, directory: string): Mapped {
  const mapped = { local: realpathSync(local), directory, machine: place.machine ?? null }
  const all = readMap(place)
  const isThere = all.some(one => isSame(one, mapped) && one.directory === directory)
  if (!isThere) write(place.dataDir, [...all.filter(one => !isSame(one, mapped)), mapped])
  return mapped
}

/** Removes what a folder was mapped to; answers it, or undefined when there was nothing. */
export function unmapFolder(place: Place, local: string): Mapped | undefined {
  const all = readMap(place)
  const found = all.find(one => isSame(one, { local: realpathSync(local), machine: place.machine ?? null }))
  if (found)
    write(
      place.dataDir,
      all.filter(one => one !== found),
    )
  return found
}

/** The way down from a folder, with slashes; '' for the folder itself, undefined when it is not below. */
function below(folder: string, path: string): string | undefined {
  const way = relative(folder, path)
  return way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way) ? undefined : way.split(sep).join('/')
}

const isSame = (a: Pick<Mapped, 'local' | 'machine'>, b: Pick<Mapped, 'local' | 'machine'>) =>
  a.local === b.local && a.machine === b.machine
const file = (dataDir: string) => join(folders.cli(dataDir), 'run-map.json')
const write = (dataDir: string, all: Mapped[]) => writePrivately(file(dataDir), JSON.stringify(all, null, 2))
