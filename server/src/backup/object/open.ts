import { SpoqError } from '@spoq/contracts/problem'
import type { Config } from '../../config.ts'
import { folderStore } from './folder.ts'
import type { ObjectStore } from './object-store.ts'
import { s3Store } from './s3.ts'

/** The store that the configuration says. */
export const openStore = (place: NonNullable<Config['backups']>): ObjectStore =>
  place.s3 === undefined ? folderStore(place.folder) : s3Store({ url: place.s3, now: Date.now })

const nowhere = async (): Promise<never> => {
  throw new SpoqError('backup_failed', {
    message: 'This server has no place for backups.',
    next: 'Who runs it sets S3_URL or BACKUP_DIR.',
  })
}

/** Of a backend that was told of no place. */
export const noStore: ObjectStore = { put: nowhere, get: nowhere, remove: async () => {} }
