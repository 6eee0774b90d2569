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
export {
  announceSsh,
  askBySsh,
  dropQuestion,
  endSsh,
  enterByAnswer,
  enterBySsh,
  reportSsh,
  type SshEntry,
  type SshWay,
  sshQuestionId,
  sshSessionId,
} from './ssh.ts'
