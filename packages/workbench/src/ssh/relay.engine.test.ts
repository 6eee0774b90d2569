// All that OpenSSH does with a server works through the gateway as it does without: each is done both ways and compared, with
// ssh2 as it is published and as it is patched, by the client that is here and by a newer one.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freePorts } from '../free-ports.ts'
import { type Bed, startBed } from './bed.ts'
import { digest, functions, large, ssh as sshTo, startEcho, type Target } from './functions.ts'
import { sshLibrary } from './libraries.ts'
import { newerClient } from './programs.ts'
import { whyNoSshd } from './sshd.ts'

const whyNot = whyNoSshd()
const newer = whyNot ? { why: whyNot } : newerClient()
if ('why' in newer) console.log(`skipped, the newer client: ${newer.why}`)

interface Kind {
  name: string
  library: 'published' | 'patched'
  client?: string
}

const kinds: Kind[] = [
  { name: 'ssh2 as published', library: 'published' },
  { name: 'ssh2 as patched', library: 'patched' },
  ...('folder' in newer
    ? [{ name: 'ssh2 as patched, a newer client', library: 'patched' as const, client: newer.folder }]
    : []),
]

describe.skipIf(whyNot).each(kinds)('$name', ({ library, client }) => {
  let bed: Bed
  let echo: Awaited<ReturnType<typeof startEcho>>
  let target: Target
  beforeAll(async () => {
    // Keys change every 8 MB on the machine's side too.
    const sshdConfig = ['RekeyLimit 8M', 'AcceptEnv LC_*']
    bed = await startBed({ library: sshLibrary(library), sshdConfig, ...(client ? { client } : {}) })
    echo = await startEcho()
    const there = join(bed.folder, 'there')
    mkdirSync(there)
    target = { config: bed.config, folder: bed.folder, there, run: bed.run, direct: 'direct' }
  }, 180_000)
  afterAll(async () => {
    echo?.[Symbol.dispose]()
    await bed?.[Symbol.asyncDispose]()
  })

  const ssh = (host: string, args: readonly string[], input?: Buffer | string) => sshTo(target, args, input, host)

  for (const { name, works } of functions) test(name, () => works(target))

  test('no agent where it may not', async () => {
    await bed.open(`no-agent-${library}`, { policy: { mayForwardAgent: false } })
    const agent = (host: string) => {
      const script = `eval $(ssh-agent) >/dev/null; ssh-add -q ${bed.folder}/id; ssh -F ${bed.config} -o IdentityAgent=SSH_AUTH_SOCK -A ${host} 'ssh-add -l || echo none'; kill $SSH_AGENT_PID`
      return bed.run('sh', ['-c', script])
    }
    expect((await agent(`no-agent-${library}`)).out).toBe('none\n')
  })

  test('new keys every 8 MB, asked for by the gateway', async () => {
    const host = `rekeys-${library}`
    await bed.open(host, { limits: { rekeyBytes: 8 << 20 } })
    const both = await ssh(host, ['cat'], large)
    expect([both.status, digest(Buffer.from(both.out, 'latin1'))]).toEqual([0, digest(large)])
  })

  test('what its owner does not allow is refused with its reason', async () => {
    const host = `closed-${library}`
    await bed.open(host, { policy: { mayForward: false, mayForwardAgent: false } })
    const [local = 0, remote = 0] = await freePorts(2)
    const strict = ['-o', 'ExitOnForwardFailure=yes']
    const back = await ssh(host, [...strict, '-R', `${remote}:127.0.0.1:${echo.port}`, 'true'])
    expect(back.status).toBe(255)
    expect(back.err).toContain('remote port forwarding failed')
    const there = await bed.run('ssh', ['-F', bed.config, '-W', `127.0.0.1:${echo.port}`, host])
    expect(there.err).toContain('Forwarding is off here')
    expect((await ssh(host, ['-L', `${local}:127.0.0.1:${echo.port}`, 'echo works'])).out).toBe('works\n')
  })

  // The others do not ask for it.
  if (client === undefined) return
  test('a client that asks for an exchange that lasts is told nothing to worry about', async () => {
    expect((await ssh('gateway', ['true'])).err).toBe('')
    await bed.open('unpatched', { library: sshLibrary('published') })
    const { err } = await ssh('unpatched', ['true'])
    expect(err).toContain('post-quantum')
  })
})
