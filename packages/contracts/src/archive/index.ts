export { archiveScope, archiveType, type Restored, readArchive, restored, writeArchive } from './archive.ts'
