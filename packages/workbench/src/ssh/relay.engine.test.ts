// All that OpenSSH does with a server works through the gateway as it does without: each is done both ways and compared, with
// ssh2 as it is published and as it is patched, by the client that is here and by a newer one.

import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freePorts } from '../free-ports.ts'
import { type Bed, startBed } from './bed.ts'
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

const digest = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest('hex')
const large = randomBytes(24 << 20)

describe.skipIf(whyNot).each(kinds)('$name', ({ library, client }) => {
  let bed: Bed
  let echo: Server
  let echoPort = 0
  beforeAll(async () => {
    // Keys change every 8 MB on the machine's side too.
    const sshdConfig = ['RekeyLimit 8M', 'AcceptEnv TRIED']
    bed = await startBed({ library: sshLibrary(library), sshdConfig, ...(client ? { client } : {}) })
    echo = createServer({ allowHalfOpen: true }, socket => socket.on('error', () => {}).pipe(socket))
    await new Promise<void>(done => echo.listen(0, '127.0.0.1', done))
    echoPort = (echo.address() as { port: number }).port
  }, 180_000)
  afterAll(async () => {
    echo?.close()
    await bed?.[Symbol.asyncDispose]()
  })

  const ssh = (host: string, args: readonly string[], input?: Buffer | string) =>
    bed.run('ssh', ['-F', bed.config, ...args.slice(0, -1), host, args.at(-1) ?? ''], input)
  /** The same through the gateway as without it. */
  const same = async (args: readonly string[], input?: Buffer | string) => {
    const [direct, through] = [await ssh('direct', args, input), await ssh('gateway', args, input)]
    expect({ status: through.status, out: digest(through.out) }).toEqual({
      status: direct.status,
      out: digest(direct.out),
    })
    return through
  }

  test('exit codes, signals and both outputs', async () => {
    expect(await same(['echo out; echo err >&2; exit 7'])).toMatchObject({ status: 7, out: 'out\n', err: 'err\n' })
    expect((await same(['kill -TERM $$'])).status).toBe(255)
    expect((await same(['no-such-command'])).status).toBe(127)
    expect((await same(['-o', 'SetEnv=TRIED=yes', 'echo $TRIED'])).out).toBe('yes\n')
  })

  test('an input that ends before the output does', async () => {
    expect((await same(['cat; sleep 0.3; echo after'], 'before\n')).out).toBe('before\nafter\n')
    expect((await same(['exec cat >/dev/null; true'], large)).status).toBe(0)
  })

  test('a terminal, and its size when it changes', async () => {
    expect((await ssh('gateway', ['-tt', 'tty && stty -echo && echo $TERM'])).out).toMatch(
      /^\/dev\/pts\/\d+\r\nxterm\r\n/,
    )
    const remote = "trap 'stty size; exit 0' WINCH; stty size; while :; do sleep 0.05; done"
    const local = [
      'stty rows 31 cols 91',
      '(sleep 1.5; stty rows 40 cols 100 </dev/tty) &',
      `ssh -F ${bed.config} -tt gateway "${remote}"`,
    ].join('\n')
    const { out } = await bed.run('script', ['-qec', local, '/dev/null'])
    expect(out).toContain('31 91')
    expect(out).toContain('40 100')
  })

  test('sftp, scp and rsync, both ways', async () => {
    const at = (name: string) => join(bed.folder, 'files', name)
    writeFileSync(at('large'), large)
    const there = join(bed.folder, 'there')
    mkdirSync(there, { recursive: true })
    const back = (name: string) => digest(readFileSync(at(name)))
    const done = { status: 0 }
    const flags = ['-F', bed.config]
    const batch = `put large ${there}/by-sftp\nget ${there}/by-sftp back-sftp\n`
    expect(await bed.run('sftp', [...flags, '-b', '-', 'gateway'], batch)).toMatchObject(done)
    for (const old of [[], ['-O']]) {
      expect(await bed.run('scp', [...flags, ...old, 'large', `gateway:${there}/by-scp`])).toMatchObject(done)
      expect(await bed.run('scp', [...flags, ...old, `gateway:${there}/by-scp`, 'back-scp'])).toMatchObject(done)
      expect(back('back-scp')).toBe(digest(large))
    }
    const rsync = ['-a', '-e', `ssh -F ${bed.config}`]
    expect(await bed.run('rsync', [...rsync, 'large', `gateway:${there}/by-rsync`])).toMatchObject(done)
    expect(await bed.run('rsync', [...rsync, `gateway:${there}/by-rsync`, 'back-rsync'])).toMatchObject(done)
    expect([back('back-sftp'), back('back-rsync')]).toEqual([digest(large), digest(large)])
  })

  test('git clone, and push', async () => {
    const there = join(bed.folder, 'repository')
    const git = ['-c', 'user.name=P', '-c', 'user.email=p@example.com', '-c', `core.sshCommand=ssh -F ${bed.config}`]
    const run = async (...args: string[]) =>
      expect(await bed.run('git', [...git, ...args])).toMatchObject({ status: 0 })
    await run('init', '-q', '--bare', '-b', 'main', there)
    await run('clone', '-q', `gateway:${there}`, 'cloned')
    await run('-C', 'cloned', 'commit', '-q', '--allow-empty', '-m', 'first')
    await run('-C', 'cloned', 'push', '-q', 'origin', 'HEAD:main')
    await run('clone', '-q', `ssh://gateway${there}`, 'again')
    expect((await bed.run('git', ['-C', 'again', 'log', '--format=%s'])).out).toBe('first\n')
  })

  test('ports forwarded to the machine, and from it', async () => {
    const [local = 0, remote = 0] = await freePorts(2)
    const bash = (port: number) =>
      `bash -c 'exec 3<>/dev/tcp/127.0.0.1/${port}; echo through >&3; read -r line <&3; echo $line'`
    const flags = ['-o', 'ExitOnForwardFailure=yes']
    const forwards = ['-L', `${local}:127.0.0.1:${echoPort}`, '-R', `${remote}:127.0.0.1:${echoPort}`]
    const held = ssh('gateway', [...flags, ...forwards, `${bash(remote)}; read -r end`], undefined)
    expect((await held).out).toBe('through\n')
    const inside = `ssh -F ${bed.config} ${flags.join(' ')} -f -L ${local}:127.0.0.1:${echoPort} gateway 'sleep 2' >/dev/null 2>&1`
    expect((await bed.run('sh', ['-c', `${inside} && ${bash(local)}`])).out).toBe('through\n')
  })

  test('the agent, where it may', async () => {
    await bed.open(`no-agent-${library}`, { policy: { mayForwardAgent: false } })
    const agent = (host: string) => {
      const script = `eval $(ssh-agent) >/dev/null; ssh-add -q ${bed.folder}/id; ssh -F ${bed.config} -o IdentityAgent=SSH_AUTH_SOCK -A ${host} 'ssh-add -l || echo none'; kill $SSH_AGENT_PID`
      return bed.run('sh', ['-c', script])
    }
    expect((await agent('gateway')).out).toContain('ED25519')
    expect((await agent(`no-agent-${library}`)).out).toBe('none\n')
  })

  test('new keys every 8 MB, asked for by the person, the machine and the gateway', async () => {
    await bed.open(`rekeys-${library}`, { limits: { rekeyBytes: 8 << 20 } })
    for (const host of ['gateway', `rekeys-${library}`]) {
      const flags = host === 'gateway' ? ['-o', 'RekeyLimit=8M'] : []
      const both = await ssh(host, [...flags, 'cat'], large)
      expect([both.status, digest(Buffer.from(both.out, 'latin1'))]).toEqual([0, digest(large)])
    }
  })

  test('several sessions over one connection, and one that is kept alive', async () => {
    const mux = ['-o', `ControlPath=${bed.folder}/mux`]
    expect(
      (await ssh('gateway', [...mux, '-o', 'ControlMaster=yes', '-o', 'ControlPersist=20', 'echo first'])).out,
    ).toBe('first\n')
    const all = await Promise.all(
      Array.from({ length: 8 }, (_, at) => ssh('gateway', [...mux, `echo ${at}; exit ${at}`])),
    )
    expect(all.map(({ status, out }) => [status, out])).toEqual(all.map((_, at) => [at, `${at}\n`]))
    await bed.run('ssh', ['-F', bed.config, ...mux, '-O', 'exit', 'gateway'])
    const kept = ['-o', 'ServerAliveInterval=1', '-o', 'ServerAliveCountMax=1', 'sleep 3; echo awake']
    expect((await ssh('gateway', kept)).out).toBe('awake\n')
  })

  test('what its owner does not allow is refused with its reason', async () => {
    const host = `closed-${library}`
    await bed.open(host, { policy: { mayForward: false, mayForwardAgent: false } })
    const [local = 0, remote = 0] = await freePorts(2)
    const strict = ['-o', 'ExitOnForwardFailure=yes']
    const back = await ssh(host, [...strict, '-R', `${remote}:127.0.0.1:${echoPort}`, 'true'])
    expect(back.status).toBe(255)
    expect(back.err).toContain('remote port forwarding failed')
    const there = await bed.run('ssh', ['-F', bed.config, '-W', `127.0.0.1:${echoPort}`, host])
    expect(there.err).toContain('Forwarding is off here')
    expect((await ssh(host, ['-L', `${local}:127.0.0.1:${echoPort}`, 'echo works'])).out).toBe('works\n')
  })

  test('a key that is nobody’s', async () => {
    expect((await ssh('gateway', ['-o', 'PubkeyAuthentication=no', 'true'])).err).toContain(
      'Permission denied (publickey)',
    )
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
