export { listenOnSocket } from './listen.ts'
export { socketPath } from './socket-path.ts'
