import { prepareSsh } from '@spoq/contracts/ssh'
import type { Serve } from '../http/serve.ts'
import type { Ssh } from './ssh.ts'

/** Binds what the backend alone may call. */
export function sshRoutes(serve: Serve, ssh: Pick<Ssh, 'prepare'>): void {
  serve(prepareSsh, ({ body }) => ssh.prepare(body.authorities))
}
