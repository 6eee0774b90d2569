export { type Access, openAccess } from './access.ts'
export { accessRoutes } from './route.ts'
