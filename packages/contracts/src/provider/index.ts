export { type Offer, type OfferedSize, offer, offeredSize, providerCan, type Quote, quote } from './provider.ts'
export { listProviders, quoteMachine } from './routes.ts'
