export { listRuns, runEvents, sendInput, showRun, signalRun, startRun } from './routes.ts'
export {
  type Command,
  type CommandInput,
  command,
  type Run,
  type RunBody,
  type RunEvent,
  run,
  runBody,
  runEvent,
  runId,
  signals,
} from './run.ts'
