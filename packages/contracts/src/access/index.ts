export {
  type AccessHeld,
  type AccessSnapshot,
  accessHeld,
  accessSnapshot,
  backendScope,
  type PushedModelKey,
  type PushedProfile,
  pushedModelKey,
  pushedProfile,
  setAccess,
  showAccess,
  sleepMachine,
} from './access.ts'
