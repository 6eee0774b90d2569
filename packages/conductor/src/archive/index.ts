export { archiveRoutes } from './route.ts'
export { carryThrough } from './switch.ts'
