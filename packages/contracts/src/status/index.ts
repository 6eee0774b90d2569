export { type ConductorStatus, conductorStatus, health, readiness, showStatus, shutdown } from './status.ts'
