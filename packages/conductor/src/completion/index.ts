export { completionRoutes } from './route.ts'
