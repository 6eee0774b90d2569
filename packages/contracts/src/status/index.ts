export { type ConductorStatus, conductorStatus, health, showStatus, shutdown } from './status.ts'
