export {
  type AccessHeld,
  type AccessSnapshot,
  accessHeld,
  accessSnapshot,
  backendScope,
  setAccess,
  showAccess,
} from './access.ts'
