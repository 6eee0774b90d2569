export { syncChanges, syncFolder } from './routes.ts'
export { type SyncChange, syncType } from './sync.ts'
