export { checkKey, KeyNotTaken } from './check-key.ts'
export { masked } from './masked.ts'
export { type Reached, type VendorCalls, vendorCalls } from './vendor-calls.ts'
