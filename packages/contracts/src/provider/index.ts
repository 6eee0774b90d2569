export {
  type Offer,
  type OfferedSize,
  offer,
  offeredSize,
  providerCan,
  type Quote,
  quote,
  type Workload,
  workload,
  workloads,
} from './provider.ts'
export { listProviders, quoteMachine } from './routes.ts'
