export { type ClientRequests, clientRequests } from './client-requests.ts'
export type { Compacted } from './compact-session.ts'
export { type QueuedBody, shown, type TurnBody, type TurnEvent } from './event.ts'
export { type Turns, turnsOf } from './turns.ts'
