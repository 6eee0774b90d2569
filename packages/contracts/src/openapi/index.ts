export { errorsOf, openapi } from './document.ts'
export { showOpenApi } from './route.ts'
