// What of a machine's folder is in an archive, by its name in both. What is not listed stays: keys, access, address, lock.

/** Folders that go with all that is in them. The workspace may be a link to elsewhere. */
export const folders = ['workspace', 'checkpoints'] as const
export const log = 'log.sqlite'
export const files = [log, 'models.json'] as const

/** What SQLite keeps beside a log that was not closed: it goes when the log does. */
export const besideLog = [`${log}-wal`, `${log}-shm`] as const

/** In the machine's folder: what is being put back, and how far that is. */
export const staging = 'restore'
export const progress = 'restore.json'
/** The same in the workspace, which may be on another disk. No archive has it. */
export const inWorkspace = '.spoq-restore'
/** In the machine's folder, followed by letters: copies of the log on their way. */
export const copying = 'archive-'
