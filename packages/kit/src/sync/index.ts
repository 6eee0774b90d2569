export { deviceName } from './conflict-name.ts'
export { type Entry, type FileEntry, isSame, type Manifest } from './entry.ts'
export { readHeaded, writeHeaded } from './headed-file.ts'
export { digestOf, manifestTaker } from './manifest.ts'
export { type Action, type Conflict, merge, type Plan } from './merge.ts'
export { type Message, type MessageOf, messageIn, type Named, parts } from './message.ts'
export { foldersOf, isTemporary, whyNoPath } from './path.ts'
export { openPlace, type Place } from './place.ts'
export { type Receiver, receiver } from './receive.ts'
export { diskFull, PeerRefused } from './refused.ts'
export { type Scan, scan } from './scan.ts'
export { type Found, scanPath } from './scan-path.ts'
export { type Pack, packs } from './send.ts'
export {
  type Remembered,
  readRemembered,
  rememberedOf,
  type StatCache,
  writeRemembered,
} from './stat-cache.ts'
export { isHomeByName } from './stays-home.ts'
export { type FolderWatch, watchFolders } from './watch-folders.ts'
export { type Frame, frame, frameParts, frames } from './wire.ts'
