export { ed25519Key, prepareSsh, sshProtocol } from './ssh.ts'
