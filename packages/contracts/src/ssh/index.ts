export { type SshGateway, showSshGateway, sshGateway } from './gateway.ts'
export { ed25519Key, prepareSsh, sshProtocol } from './ssh.ts'
