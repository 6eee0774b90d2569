// A bare server alone, for what needs nothing but a real sshd.

import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { connect, type SshTarget } from '@spoq/kit/ssh-job'
import { sshKeyOf } from '@spoq/server/setup/ssh-key'
import { makeNet } from './net.ts'
import { fetchPackages } from './packages.ts'
import { startServer } from './server.ts'

export { whyNoServer } from './bed.ts'

export interface SshServer extends AsyncDisposable {
  target: SshTarget
}

export async function startSshServer(): Promise<SshServer> {
  const folder = mkdtempSync('/var/lib/spoq-vps-')
  const net = makeNet()
  const key = sshKeyOf('the key of its owner', 'mach_x')
  const debs = { installed: fetchPackages(['openssh-server']), cached: [] }
  const server = await startServer(join(folder, 'server'), net, debs, key.public)
  const way = { host: net.server.address, user: 'root', privateKey: key.private, dial: () => server.dial(22) }
  using seen = await connect({ ...way, hostKey: null })
  return {
    target: { ...way, hostKey: seen.hostKey, asRoot: true },
    async [Symbol.asyncDispose]() {
      await server.stop()
      net.remove()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
