// A folder that is synced, held open. Whatever is renamed or linked meanwhile, what is done is done in its very folders.

import { realpath } from 'node:fs/promises'
import { type Folder, makeFolder, openAt } from '../files/index.ts'

export interface Place extends AsyncDisposable {
  /** Its path, for rules around it and for its disk. */
  root: string
  /** The folder itself. */
  top: Folder
  /**
   * The folder that a path stands in, no link followed on the way; with `make`, what is missing is made. It is open until
   * the next call, and closed by the place. @throws what the system says.
   */
  open(path: string, make?: boolean): Promise<Folder>
  /** Lets go of folders that may not be there any more. */
  forget(): Promise<void>
  /** The same place with folders of its own. */
  again(): Promise<Place>
}

/**
 * Opens a folder. @param enter opens it another way than by its path
 * @throws what the system says when it is none.
 */
export async function openPlace(root: string, enter?: () => Promise<Folder>): Promise<Place> {
  const real = await realpath(root)
  const top = await (enter ?? (() => openAt(real)))()
  /** Outermost first: neighbours share them. */
  let inner: { name: string; folder: Folder }[] = []

  async function closeFrom(depth: number): Promise<void> {
    const closing = inner.slice(depth)
    inner = inner.slice(0, depth)
    for (const { folder } of closing.reverse()) await folder[Symbol.asyncDispose]()
  }

  async function open(path: string, make = false): Promise<Folder> {
    const names = path.split('/').slice(0, -1)
    const shared = names.findIndex((name, depth) => inner[depth]?.name !== name)
    await closeFrom(shared === -1 ? names.length : shared)
    for (const name of names.slice(inner.length)) {
      const parent = inner.at(-1)?.folder ?? top
      if (make) await makeFolder(parent.at(name))
      inner.push({ name, folder: await openAt(parent.at(name)) })
    }
    return inner.at(-1)?.folder ?? top
  }

  return {
    root: real,
    top,
    open,
    forget: () => closeFrom(0),
    again: () => openPlace(real, () => openAt(top.at('.'))),
    [Symbol.asyncDispose]: async () => {
      await closeFrom(0)
      await top[Symbol.asyncDispose]()
    },
  }
}

/** The last part of a path. */
export const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)
