// A folder that is synced, held open. Whatever is renamed or linked meanwhile, what is done is done in its very folders.

import { mkdirSync } from 'node:fs'
import { realpath } from 'node:fs/promises'
import { type Folder, openAt } from '../files/index.ts'
import { type OpenFolder, openFolderAt } from './open-folder.ts'

export interface Place extends AsyncDisposable {
  /** Its path, for rules around it and for its disk. */
  root: string
  /** The folder itself. */
  top: Folder
  /**
   * The folder that a path stands in, no link followed on the way; with `make`, what is missing is made. It is open until the
   * next call, whoever makes it: use it before anything is waited for. @throws what the system says.
   */
  open(path: string, make?: boolean): Pick<OpenFolder, 'at'>
  /** Lets go of folders that may not be there any more. */
  forget(): void
}

/**
 * Opens a folder. @param enter opens it another way than by its path
 * @throws what the system says when it is none.
 */
export async function openPlace(root: string, enter?: () => Promise<Folder>): Promise<Place> {
  const real = await realpath(root)
  const top = await (enter ?? (() => openAt(real)))()
  /** Outermost first: neighbours share them. */
  const inner: { name: string; folder: OpenFolder }[] = []

  function closeFrom(depth: number): void {
    while (inner.length > depth) inner.pop()?.folder.close()
  }

  function open(path: string, make = false): Pick<OpenFolder, 'at'> {
    const names = path.split('/').slice(0, -1)
    const shared = names.findIndex((name, depth) => inner[depth]?.name !== name)
    closeFrom(shared === -1 ? names.length : shared)
    for (const name of names.slice(inner.length)) {
      const at = (inner.at(-1)?.folder ?? top).at(name)
      if (make) makeFolder(at)
      inner.push({ name, folder: openFolderAt(at) })
    }
    return inner.at(-1)?.folder ?? top
  }

  return {
    root: real,
    top,
    open,
    forget: () => closeFrom(0),
    [Symbol.asyncDispose]: async () => {
      closeFrom(0)
      await top[Symbol.asyncDispose]()
    },
  }
}

/** The last part of a path. */
export const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

function makeFolder(at: string): void {
  try {
    mkdirSync(at)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}
