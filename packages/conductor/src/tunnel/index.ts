export { chosenOffer } from './chosen-offer.ts'
export { type MachineTunnel, machineTunnel } from './tunnel.ts'
