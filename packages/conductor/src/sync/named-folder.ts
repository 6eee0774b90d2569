import { join } from 'node:path'
import { SpoqError } from '@spoq/contracts/problem'
import { FileRefused, openFolder } from '@spoq/kit/files'
import { isHomeByName, openPlace, type Place, whyNoPath } from '@spoq/kit/sync'

/** Opens a folder that is synced, no link followed on the way; null when it is not there and shall not be made. */
export type OpenPlace = (make: boolean) => Promise<Place | null>

/** The folder of the workspace with a name. @throws SpoqError `sync_refused` for a name that may not be one. */
export function namedFolder(workspace: string, name: string): OpenPlace {
  const why = whyNoPath(name) ?? (isHomeByName(name, []) ? 'is not for files' : null)
  if (why) throw refused(`The folder ${why}`)
  const parts = name.split('/')
  return async make => {
    try {
      const folder = await openFolder(workspace, parts, make)
      return await openPlace(join(workspace, ...parts), async () => folder)
    } catch (error) {
      if (!(error instanceof FileRefused)) throw error
      if (error.message.endsWith('does not exist')) return null
      throw refused(`The folder cannot be used: ${error.message}`)
    }
  }
}

const refused = (message: string) =>
  new SpoqError('sync_refused', { message: `${message}.`, next: 'Name another folder of the workspace with --to.' })
