export { listSnapshots, removeSnapshot, restoreSnapshot, takeSnapshot } from './routes.ts'
export { type Snapshot, snapshot, snapshotId, snapshotName } from './snapshot.ts'
