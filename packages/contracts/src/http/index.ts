export { type Caller, pathOf, type Route, route } from './route.ts'
export { id, idempotencyKeyHeader, instant, nothing, requestIdForm, requestIdHeader } from './shape.ts'
