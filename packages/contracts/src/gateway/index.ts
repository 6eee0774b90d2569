export {
  forgetGateway,
  locateDomain,
  locateMachine,
  reportTunnels,
  type TunnelHolder,
  tunnelHolder,
  verifyTunnel,
  type Whereabouts,
  wakeMachine,
  whereabouts,
} from './gateway.ts'
export { type TunnelOffer, tunnelOffer, tunnelToken } from './offer.ts'
export { announceSsh, endSsh, enterBySsh, reportSsh, type SshEntry, type SshWay, sshSessionId } from './ssh.ts'
