export { type Database, openDatabase } from './database.ts'
export { type Gather, gather } from './gather.ts'
export { type EventLog, openLog, type Stored } from './log.ts'
export { newestForm } from './migrate.ts'
