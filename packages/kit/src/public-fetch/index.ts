export { isPublic } from './is-public.ts'
export { NotPublic, publicFetch } from './public-fetch.ts'
