export {
  fingerprintOf,
  type KeyType,
  keyOfBlob,
  keyTypes,
  type SshPublicKey,
  type VerifyingKey,
  verifyingKeyOf,
} from './blob.ts'
export { keyPairOf, type SshKey } from './key-pair.ts'
export { keyOfLine } from './line.ts'
export { type KeysRead, mostKeys, type RefusedLine, readKeys } from './read-keys.ts'
export { KeyRefused } from './refused.ts'
