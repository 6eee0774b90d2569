export { socketPath } from './socket-path.ts'
