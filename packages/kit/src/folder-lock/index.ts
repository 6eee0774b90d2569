export { FolderBusy, type FolderLock, folderHolder, type Holder, lockFolder } from './folder-lock.ts'
