// One SSH connection to a server that is set up or rescued. The server's key is pinned, or told to whoever asked.

import type { Duplex } from 'node:stream'
import { Client, type ClientChannel } from 'ssh2'
import { quoted } from '../shell-word/index.ts'
import { SshFailed } from './error.ts'

export interface SshTarget {
  host: string
  /** Default: 22. */
  port?: number
  user: string
  /** In OpenSSH's form, without a passphrase. */
  privateKey: string
  /** `ssh-ed25519 AAAA…`, the one key that the server may have; null: any, which `SshConnection.hostKey` tells. */
  hostKey: string | null
  /** A way to the server that is no plain TCP connection. */
  dial?: () => Duplex
  /** Commands are run as root, by sudo without a password, where the user is another. */
  asRoot?: boolean
  /** How long a connection may take until it is there, in ms. Default: 20,000. */
  readyMs?: number
}

export interface SshConnection extends Disposable {
  /** The server's key, as it proved it in this connection. */
  hostKey: string
  /** Runs a command. */
  exec(command: string): Promise<Command>
}

export interface Command {
  /** What goes in and what comes out. */
  channel: ClientChannel
  /** Its exit status, 128 when a signal ended it; null when the connection broke before. */
  ended: Promise<number | null>
}

const usualReadyMs = 20_000
const hostKeyKind = 'ssh-ed25519'

/** @throws SshFailed `away`, `host-key`, `refused`. */
export async function connect(target: SshTarget): Promise<SshConnection> {
  const { host, port = 22, user, privateKey, hostKey: pinned, dial, readyMs = usualReadyMs } = target
  const client = new Client()
  let hostKey = ''
  let isOther = false
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  client.once('ready', resolve)
  client.on('error', reject)
  client.once('close', () => reject(new Error('the connection was closed')))
  client.connect({
    ...(dial ? { sock: dial() } : { host, port }),
    username: user,
    privateKey,
    readyTimeout: readyMs,
    keepaliveInterval: 5_000,
    keepaliveCountMax: 4,
    // One kind of host key, so that there is one to pin; no group exchange, which ssh2 dies of.
    algorithms: {
      serverHostKey: [hostKeyKind],
      kex: ['curve25519-sha256', 'curve25519-sha256@libssh.org', 'ecdh-sha2-nistp256'],
    },
    hostVerifier: (key: Buffer) => {
      hostKey = `${hostKeyKind} ${key.toString('base64')}`
      isOther = pinned !== null && hostKey !== pinned
      return !isOther
    },
  })
  try {
    await promise
  } catch (error) {
    client.destroy()
    throw failureOf(error, `${host}:${port}`, isOther, hostKey)
  }
  const isSudo = target.asRoot === true && user !== 'root'
  return {
    hostKey,
    exec: command =>
      new Promise((done, failed) => {
        try {
          client.exec(isSudo ? `sudo -n -- sh -c ${quoted(command)}` : command, (error, channel) =>
            error ? failed(lost(error)) : done(watched(channel)),
          )
        } catch (error) {
          // ssh2 throws where the connection broke before.
          failed(lost(error))
        }
      }),
    [Symbol.dispose]: () => client.destroy(),
  }
}

/** At once: a short command may be over before anybody who waits for the channel gets to look. */
function watched(channel: ClientChannel): Command {
  const { promise, resolve } = Promise.withResolvers<number | null>()
  let status: number | null = null
  channel.on('exit', (code: number | null) => {
    status = code ?? 128
  })
  channel.on('error', () => {})
  channel.once('close', () => resolve(status))
  channel.stderr.resume()
  return { channel, ended: promise }
}

function failureOf(error: unknown, where: string, isOther: boolean, hostKey: string): SshFailed {
  if (isOther)
    return new SshFailed(
      'host-key',
      `The server at ${where} has another SSH host key than the one that is known: it is another server, or somebody stands in between. Nothing was sent to it.`,
      error,
      hostKey,
    )
  const { level, message } = error as Error & { level?: string }
  if (level === 'client-authentication')
    return new SshFailed('refused', `The server at ${where} does not take the key of this Spoq.`, error, hostKey)
  return new SshFailed('away', `The server at ${where} does not answer over SSH: ${message}.`, error)
}

const lost = (cause: unknown) => new SshFailed('away', 'The SSH connection broke.', cause)
