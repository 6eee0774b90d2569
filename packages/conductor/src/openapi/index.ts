export { openApiRoute } from './route.ts'
