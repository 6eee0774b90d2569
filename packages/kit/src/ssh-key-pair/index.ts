export { keyPairOf, type SshKey } from './key-pair.ts'
