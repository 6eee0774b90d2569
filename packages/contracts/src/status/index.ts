export {
  type ConductorStatus,
  conductorStatus,
  health,
  type LogLine,
  logLine,
  readiness,
  readLog,
  showStatus,
  shutdown,
} from './status.ts'
