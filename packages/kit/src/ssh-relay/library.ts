// What is used of ssh2: its transport (handshake, exchange of keys, ciphers) and nothing above it. Its parts below the
// package's own front are asked for by their files, in this one place.

import { createSecretKey, getCiphers, type KeyObject } from 'node:crypto'
import constants from 'ssh2/lib/protocol/constants.js'
import keyParser from 'ssh2/lib/protocol/keyParser.js'
import Installed from 'ssh2/lib/protocol/Protocol.js'

export interface HostKey {
  type: string
  getPublicSSH(): Buffer
}

export interface Lists {
  kex: string[]
  serverHostKey: string[]
  cs: { cipher: string[]; mac: string[]; compress: string[]; lang: string[] }
  sc: { cipher: string[]; mac: string[]; compress: string[]; lang: string[] }
}

interface ProtocolOptions {
  server: boolean
  hostKeys?: Record<string, HostKey>
  hostVerifier?: (key: Buffer) => boolean
  ident: string
  offer: Lists
  onWrite: (bytes: Uint8Array | string) => void
  onError: (error: Error) => void
  onHandshakeComplete: () => void
  messageHandlers: { DISCONNECT: (self: unknown, reason: number, text: string) => void }
}

/** One end of a connection, as ssh2 has it inside. */
export interface Protocol {
  start(): void
  parse(chunk: Uint8Array, from: number, to: number): void
  rekey(): void
  cleanup(): void
  _onPayload: (payload: Buffer) => unknown
  /** Stands while keys are exchanged. */
  _kexinit: Buffer | undefined
  _kex: { sessionID: Buffer }
  _cipher: { encrypt(packet: Buffer): void; _encKey?: Buffer | KeyObject }
  _decipher: { _decipherKey?: Buffer | KeyObject }
  /** Packets that wait for new keys. */
  _queue: Buffer[] | undefined
  _packetRW: {
    write: { allocStart: number; alloc(length: number, force?: boolean): Buffer; finalize(packet: Buffer): Buffer }
  }
}

export type ProtocolClass = new (options: ProtocolOptions) => Protocol

export interface SshLibrary {
  Protocol: ProtocolClass
  /** Of a private key in OpenSSH's form. @throws Error */
  readHostKey(text: string): HostKey
  /** What it offers, the best first. */
  lists: Lists
}

/** The exchange that a quantum computer does not open afterwards; ssh2 has it once it is patched. */
export const postQuantum = 'mlkem768x25519-sha256'

interface Parts {
  Protocol: ProtocolClass
  kex: readonly string[]
  parseKey: (text: string) => HostKey | Error
}

/**
 * All that is offered is done by Node's own OpenSSL, and nothing by JavaScript: ssh2 would fall back to that silently where
 * its addon is not built, at a sixteenth of the speed (chacha20-poly1305).
 * @throws Error where this Node lacks the ciphers.
 */
export function libraryOf({ Protocol, kex, parseKey }: Parts): SshLibrary {
  const known = getCiphers()
  if (!['aes-128-gcm', 'aes-256-gcm'].every(name => known.includes(name)))
    throw new Error('This Node has no AES-GCM of its own, which SSH needs.')
  const way = {
    cipher: ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'aes128-ctr', 'aes256-ctr'],
    // All pad a packet in the same way, which `transport.ts` counts on.
    mac: ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com'],
    compress: ['none'],
    lang: [],
  }
  // No group exchange, which ssh2 dies of.
  const curves = ['curve25519-sha256', 'curve25519-sha256@libssh.org', 'ecdh-sha2-nistp256', 'ecdh-sha2-nistp384']
  return {
    Protocol,
    readHostKey(text) {
      const key = parseKey(text)
      if (key instanceof Error) throw key
      return key
    },
    lists: {
      kex: [...(kex.includes(postQuantum) ? [postQuantum] : []), ...curves],
      serverHostKey: ['ssh-ed25519'],
      cs: way,
      sc: way,
    },
  }
}

/** The one that is installed. */
export const installed = (): SshLibrary =>
  libraryOf({ Protocol: Installed, kex: constants.SUPPORTED_KEX, parseKey: keyParser.parseKey })

/** AES-GCM makes a cipher a packet; with keys as bytes half of its time goes into reading them. */
export function hastenCiphers({ _cipher, _decipher }: Protocol): void {
  if (Buffer.isBuffer(_cipher._encKey)) _cipher._encKey = createSecretKey(_cipher._encKey)
  if (Buffer.isBuffer(_decipher._decipherKey)) _decipher._decipherKey = createSecretKey(_decipher._decipherKey)
}
