export { reportSetup, type SetupLog, type SetupReport, setupLog, setupReport, showSetupLog } from './setup.ts'
