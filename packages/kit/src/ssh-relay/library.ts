// What is used of ssh2: its transport (handshake, exchange of keys, ciphers) and nothing above it. Its parts below the
// package's own front are asked for by their files, in this one place.

import { createPrivateKey, createSecretKey, getCiphers, type KeyObject, sign } from 'node:crypto'
import constants from 'ssh2/lib/protocol/constants.js'
import kexParts from 'ssh2/lib/protocol/kex.js'
import keyParser from 'ssh2/lib/protocol/keyParser.js'
import Installed from 'ssh2/lib/protocol/Protocol.js'

export interface HostKey {
  type: string
  getPublicSSH(): Buffer
  sign(data: Buffer): Buffer
}

/** A private key as ssh2 reads it. */
export interface ParsedKey {
  type: string
  getPublicSSH(): Buffer
  getPrivatePEM(): string
}

interface Lists {
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
  offer: Offer
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
/** What one side offers, made ready to be sent. */
export interface Offer {
  lists: { kex: { array: string[] } }
}
export type OfferClass = new (lists: Lists) => Offer

export interface SshLibrary {
  Protocol: ProtocolClass
  /** Of an ed25519 private key in OpenSSH's form. @throws Error */
  readHostKey(text: string): HostKey
  /** What is offered to who comes in, and to a machine; the best first. */
  offers: { server: Offer; client: Offer }
}

/** The exchange that a quantum computer does not open afterwards; ssh2 has it once it is patched. */
export const postQuantum = 'mlkem768x25519-sha256'

interface Parts {
  Protocol: ProtocolClass
  KexInit: OfferClass
  kex: readonly string[]
  parseKey: (text: string) => ParsedKey | Error
}

/**
 * All that is offered is done by Node's own OpenSSL, and nothing by JavaScript: ssh2 would fall back to that silently where
 * its addon is not built, at a sixteenth of the speed (chacha20-poly1305).
 * @throws Error where this Node lacks the ciphers.
 */
export function libraryOf({ Protocol, KexInit, kex, parseKey }: Parts): SshLibrary {
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
  const lasting = kex.includes(postQuantum) ? [postQuantum] : []
  const offer = (...kex: string[]) => new KexInit({ kex, serverHostKey: ['ssh-ed25519'], cs: way, sc: way })
  return {
    Protocol,
    readHostKey(text) {
      const key = parseKey(text)
      if (key instanceof Error) throw key
      return hostKeyOf(key)
    },
    // The marks of a strict exchange, and that we hear of extensions, are what ssh2 adds to lists that are not made ready.
    offers: {
      server: offer(...lasting, ...curves, 'kex-strict-s-v00@openssh.com'),
      // The way to a machine is within the TLS of its tunnel, or within this computer: what is quick comes first.
      client: offer(...curves, ...lasting, 'ext-info-c', 'kex-strict-c-v00@openssh.com'),
    },
  }
}

/** ssh2 itself would read the key's text at each signature. */
function hostKeyOf(parsed: ParsedKey): HostKey {
  const [key, blob] = [createPrivateKey(parsed.getPrivatePEM()), parsed.getPublicSSH()]
  return { type: parsed.type, getPublicSSH: () => blob, sign: data => sign(null, data, key) }
}

/** The one that is installed. */
export const installed = (): SshLibrary =>
  libraryOf({
    Protocol: Installed,
    KexInit: kexParts.KexInit,
    kex: constants.SUPPORTED_KEX,
    parseKey: keyParser.parseKey,
  })

/** AES-GCM makes a cipher a packet; with keys as bytes half of its time goes into reading them. */
export function hastenCiphers({ _cipher, _decipher }: Protocol): void {
  if (Buffer.isBuffer(_cipher._encKey)) _cipher._encKey = createSecretKey(_cipher._encKey)
  if (Buffer.isBuffer(_decipher._decipherKey)) _decipher._decipherKey = createSecretKey(_decipher._decipherKey)
}
