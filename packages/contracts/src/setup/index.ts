export { reportSetup, type SetupReport, setupReport } from './setup.ts'
