export { type CloudflareOptions, cloudflareZone } from './cloudflare.ts'
export { fileZone } from './file.ts'
export type { Addresses, Zone } from './zone.ts'
