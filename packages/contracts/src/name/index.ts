export { type NameCheck, nameCheck } from './name.ts'
export { checkName } from './routes.ts'
