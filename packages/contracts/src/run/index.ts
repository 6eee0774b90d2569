export { runEvents, sendInput, signalRun, startRun } from './routes.ts'
export {
  type Command,
  type CommandInput,
  command,
  type RunBody,
  type RunEvent,
  runBody,
  runEvent,
  runId,
  signals,
} from './run.ts'
