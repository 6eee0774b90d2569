export { fingerprintOf, keyOfBlob, keyTypes, type SshPublicKey } from './blob.ts'
export { keyOfLine } from './line.ts'
export { type KeysRead, mostKeys, type RefusedLine, readKeys } from './read-keys.ts'
export { KeyRefused } from './refused.ts'
