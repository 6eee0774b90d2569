export { syncRoutes } from './route.ts'
export { openSyncs } from './syncs.ts'
