export { sessionRoutes } from './route.ts'
export type { Sessions } from './sessions.ts'
export { type SessionStore, sessionStore } from './store.ts'
