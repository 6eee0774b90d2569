export { type Fetch, HandleRefused, type HandleUrls, handleUrls, isHandle, keysOfHandle } from './key-handle.ts'
