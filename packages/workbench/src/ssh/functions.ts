// All that OpenSSH does with a server, as a table: for the relay alone, where each is compared with the same without it, and for
// real machines through a real gateway.

import { createHash, randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect } from 'vitest'
import { freePorts } from '../free-ports.ts'
import type { Ran } from './bed.ts'

export interface Target {
  /** A configuration of ssh in which the machine is the host `gateway`. */
  config: string
  /** The person's own folder, with the key `id`, and `files`, in which programs run. */
  folder: string
  /** A folder of its own on the machine, which is there. */
  there: string
  run: (program: string, args: readonly string[], input?: Buffer | string) => Promise<Ran>
  /** A port where the person is that says back what it is told; left out: one of this process. */
  echo?: number
  /** Another host of the configuration that is the same machine without the gateway. */
  direct?: string
}

export interface Function {
  name: string
  works: (target: Target) => Promise<void>
}

export const digest = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest('hex')
export const large = randomBytes(24 << 20)

/** Runs ssh: the last of the words is the command. */
export const ssh = (
  { run, config }: Target,
  words: readonly string[],
  input?: Buffer | string,
  host = 'gateway',
): Promise<Ran> => run('ssh', ['-F', config, ...words.slice(0, -1), host, words.at(-1) ?? ''], input)

/** The same through the gateway as without it, where that can be had. */
async function same(target: Target, words: readonly string[], input?: Buffer | string): Promise<Ran> {
  const through = await ssh(target, words, input)
  if (target.direct === undefined) return through
  const direct = await ssh(target, words, input, target.direct)
  const seen = ({ status, out }: Ran) => ({ status, out: digest(out) })
  expect(seen(through)).toEqual(seen(direct))
  return through
}

/** Says back what it is told, on this computer. */
export async function startEcho(): Promise<{ port: number; [Symbol.dispose]: () => void }> {
  const server = createServer({ allowHalfOpen: true }, socket => socket.on('error', () => {}).pipe(socket))
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  return { port: (server.address() as { port: number }).port, [Symbol.dispose]: () => void server.close() }
}

const words = (flags: readonly string[], ...options: string[]) => [...flags, ...options.flatMap(one => ['-o', one])]
/** Sends a line to a port and prints what comes back. */
const talkTo = (port: number | string) =>
  `bash -c 'exec 3<>/dev/tcp/127.0.0.1/${port}; echo through >&3; read -r line <&3; echo $line'`

export const functions: readonly Function[] = [
  {
    name: 'exit codes, signals, both outputs and the words of a language',
    works: async target => {
      const both = await same(target, ['echo out; echo err >&2; exit 7'])
      expect(both).toMatchObject({ status: 7, out: 'out\n', err: 'err\n' })
      expect((await same(target, ['kill -TERM $$'])).status).toBe(255)
      expect((await same(target, ['no-such-command'])).status).toBe(127)
      expect((await same(target, words([], 'SetEnv=LC_TRIED=yes').concat('echo $LC_TRIED'))).out).toBe('yes\n')
    },
  },
  {
    name: 'an input that ends before the output does',
    works: async target => {
      expect((await same(target, ['cat; sleep 0.3; echo after'], 'before\n')).out).toBe('before\nafter\n')
      expect((await same(target, ['exec cat >/dev/null; true'], large)).status).toBe(0)
    },
  },
  {
    name: 'a terminal, and its size when it changes',
    works: async target => {
      const { out: terminal } = await ssh(target, ['-tt', 'tty && stty -echo && echo $TERM'])
      expect(terminal).toMatch(/^\/dev\/pts\/\d+\r\nxterm\r\n/)
      const remote = "trap 'stty size; exit 0' WINCH; stty size; while :; do sleep 0.05; done"
      const local = [
        'stty rows 31 cols 91',
        '(sleep 1.5; stty rows 40 cols 100 </dev/tty) &',
        `ssh -F ${target.config} -tt gateway "${remote}"`,
      ].join('\n')
      const { out } = await target.run('script', ['-qec', local, '/dev/null'])
      expect(out).toContain('31 91')
      expect(out).toContain('40 100')
    },
  },
  {
    name: 'sftp, scp and rsync, both ways',
    works: async ({ config, folder, there, run }) => {
      const at = (name: string) => join(folder, 'files', name)
      writeFileSync(at('large'), large)
      const back = (name: string) => digest(readFileSync(at(name)))
      const done = { status: 0 }
      const flags = ['-F', config]
      const batch = `put large ${there}/by-sftp\nget ${there}/by-sftp back-sftp\n`
      expect(await run('sftp', [...flags, '-b', '-', 'gateway'], batch)).toMatchObject(done)
      for (const old of [[], ['-O']]) {
        expect(await run('scp', [...flags, ...old, 'large', `gateway:${there}/by-scp`])).toMatchObject(done)
        expect(await run('scp', [...flags, ...old, `gateway:${there}/by-scp`, 'back-scp'])).toMatchObject(done)
        expect(back('back-scp')).toBe(digest(large))
      }
      const rsync = ['-a', '-e', `ssh -F ${config}`]
      expect(await run('rsync', [...rsync, 'large', `gateway:${there}/by-rsync`])).toMatchObject(done)
      expect(await run('rsync', [...rsync, `gateway:${there}/by-rsync`, 'back-rsync'])).toMatchObject(done)
      expect([back('back-sftp'), back('back-rsync')]).toEqual([digest(large), digest(large)])
    },
  },
  {
    name: 'git clone, and push',
    works: async target => {
      const { config, there, run } = target
      const at = `${there}/repository`
      const own = ['-c', 'user.name=P', '-c', 'user.email=p@example.com', '-c', `core.sshCommand=ssh -F ${config}`]
      const git = async (...args: string[]) => expect(await run('git', [...own, ...args])).toMatchObject({ status: 0 })
      expect(await ssh(target, [`git init -q --bare -b main ${at}`])).toMatchObject({ status: 0 })
      await git('clone', '-q', `gateway:${at}`, 'cloned')
      await git('-C', 'cloned', 'commit', '-q', '--allow-empty', '-m', 'first')
      await git('-C', 'cloned', 'push', '-q', 'origin', 'HEAD:main')
      await git('clone', '-q', `ssh://gateway${at}`, 'again')
      expect((await run('git', ['-C', 'again', 'log', '--format=%s'])).out).toBe('first\n')
    },
  },
  {
    name: 'ports forwarded to the machine, and from it',
    works: async target => {
      using own = await startEcho()
      const echo = target.echo ?? own.port
      const [local = 0, remote = 0, also = 0] = await freePorts(3)
      const strict = ['-o', 'ExitOnForwardFailure=yes']
      const back = ['-R', `${remote}:127.0.0.1:${echo}`]
      expect((await ssh(target, [...strict, ...back, `${talkTo(remote)}; read -r end`])).out).toBe('through\n')
      // There, what is forwarded back from here is the one that answers.
      const both = [...back, '-L', `${local}:127.0.0.1:${also}`, '-R', `${also}:127.0.0.1:${echo}`].join(' ')
      const inside = `ssh -F ${target.config} ${strict.join(' ')} -f ${both} gateway 'sleep 2' >/dev/null 2>&1`
      expect((await target.run('sh', ['-c', `${inside} && ${talkTo(local)}`])).out).toBe('through\n')
    },
  },
  {
    name: 'the agent',
    works: async ({ config, folder, run }) => {
      const asked = `ssh -F ${config} -o IdentityAgent=SSH_AUTH_SOCK -A gateway 'ssh-add -l || echo none'`
      const script = `eval $(ssh-agent) >/dev/null; ssh-add -q ${folder}/id; ${asked}; kill $SSH_AGENT_PID`
      expect((await run('sh', ['-c', script])).out).toContain('ED25519')
    },
  },
  {
    name: 'new keys every 8 MB',
    works: async target => {
      const both = await ssh(target, ['-o', 'RekeyLimit=8M', 'cat'], large)
      expect([both.status, digest(Buffer.from(both.out, 'latin1'))]).toEqual([0, digest(large)])
    },
  },
  {
    name: 'several sessions over one connection, and one that is kept alive',
    works: async target => {
      const mux = words([], `ControlPath=${target.folder}/mux`)
      const first = [...words(mux, 'ControlMaster=yes', 'ControlPersist=20'), 'echo first']
      expect((await ssh(target, first)).out).toBe('first\n')
      const all = await Promise.all(
        Array.from({ length: 8 }, (_, at) => ssh(target, [...mux, `echo ${at}; exit ${at}`])),
      )
      expect(all.map(({ status, out }) => [status, out])).toEqual(all.map((_, at) => [at, `${at}\n`]))
      await target.run('ssh', ['-F', target.config, ...mux, '-O', 'exit', 'gateway'])
      const kept = [...words([], 'ServerAliveInterval=1', 'ServerAliveCountMax=1'), 'sleep 3; echo awake']
      expect((await ssh(target, kept)).out).toBe('awake\n')
    },
  },
  {
    name: 'who has no key is refused',
    works: async target => {
      const { status, err } = await ssh(target, ['-o', 'PubkeyAuthentication=no', 'true'])
      expect(status).toBe(255)
      expect(err).toContain('Permission denied (publickey')
    },
  },
]
