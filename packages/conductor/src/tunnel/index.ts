export { type MachineTunnel, machineTunnel } from './tunnel.ts'
