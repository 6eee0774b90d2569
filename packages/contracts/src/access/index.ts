export {
  type AccessHeld,
  type AccessSnapshot,
  accessHeld,
  accessSnapshot,
  backendScope,
  type PushedModelKey,
  pushedModelKey,
  setAccess,
  showAccess,
  sleepMachine,
} from './access.ts'
