export { type SshGateway, type SshPlace, showSshGateway, sshGateway } from './gateway.ts'
export { ed25519Key, prepareSsh, sshProtocol } from './ssh.ts'
