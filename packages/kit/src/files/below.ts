// Lists the files of one folder below a root, and of all folders in it.

import type { Listing } from './glob.ts'
import { resolveInside, segments } from './inside.ts'
import { walk } from './walk.ts'

/**
 * The regular files below a folder, by their paths below the root (the folder as it was named), in the
 * order of their names.
 * @throws FileRefused when the folder leads out of the root or does not exist.
 */
export async function filesBelow(root: string, folder: string, limit: number): Promise<Listing> {
  const real = await resolveInside(root, folder)
  const paths: string[] = []
  for await (const { path } of walk(root, { own: true }, segments(real))) {
    if (paths.length === limit) return { paths, more: true }
    paths.push(`${folder}${real === '' ? '/' : ''}${path.slice(real.length)}`)
  }
  return { paths, more: false }
}
