export { asksForSsh, upgradeToSsh } from './edge.ts'
export { sshRoutes } from './route.ts'
export { openSsh, type Ssh } from './ssh.ts'
