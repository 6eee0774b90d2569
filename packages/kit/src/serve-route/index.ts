export { type Handler, type Input, InvalidInput, routesOf, type ServedRoute } from './serve-route.ts'
