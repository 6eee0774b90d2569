// Certificates by which the gateway comes in on a machine, for one session each: the machine's sshd trusts the gateway's
// authority alone, and needs no file of keys.

import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import { packet, string, uint32, uint64 } from './wire.ts'

const kind = 'ssh-ed25519-cert-v01@openssh.com'

export interface CertificateWish {
  /** Whom the machine lets in by it. */
  principal: string
  /** What the machine's log says of it. */
  keyId: string
  /** From when to when it is good, in ms since 1970. */
  from: number
  until: number
  /** The only address it is good from; null: any, where the machine sees none. */
  sourceAddress: string | null
  mayForward: boolean
  mayForwardAgent: boolean
  mayTty: boolean
}

/** By what an upstream lets somebody in. */
export interface Credential {
  /** Of the signatures. */
  algorithm: string
  blob: Buffer
  sign(data: Buffer): Buffer
}

/** The key as it goes over the wire. */
export function ed25519Blob(key: KeyObject): Buffer {
  return Buffer.concat([
    string('ssh-ed25519'),
    string(Buffer.from(String(key.export({ format: 'jwk' }).x), 'base64url')),
  ])
}

/** A key of ours as it stands. */
export function credentialOf(publicKey: KeyObject, privateKey: KeyObject): Credential {
  return { algorithm: 'ssh-ed25519', blob: ed25519Blob(publicKey), sign: signer(privateKey) }
}

/** A new key with a certificate of the authority. */
export function certify(authority: { publicKey: KeyObject; privateKey: KeyObject }, wish: CertificateWish): Credential {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const body = Buffer.concat([
    string(kind),
    string(randomBytes(32)),
    string(Buffer.from(String(publicKey.export({ format: 'jwk' }).x), 'base64url')),
    uint64(BigInt(`0x${randomBytes(8).toString('hex')}`)),
    uint32(1),
    string(wish.keyId),
    string(string(wish.principal)),
    uint64(BigInt(Math.floor(wish.from / 1000))),
    uint64(BigInt(Math.ceil(wish.until / 1000))),
    string(wish.sourceAddress === null ? '' : option('source-address', string(wish.sourceAddress))),
    string(Buffer.concat(extensions(wish).map(name => option(name, Buffer.alloc(0))))),
    string(''),
    string(ed25519Blob(authority.publicKey)),
  ])
  return {
    algorithm: kind,
    blob: Buffer.concat([body, string(signer(authority.privateKey)(body))]),
    sign: signer(privateKey),
  }
}

/** Named in the order of the alphabet, as they have to be. */
const extensions = ({ mayForward, mayForwardAgent, mayTty }: CertificateWish): string[] => [
  ...(mayForward ? ['permit-X11-forwarding'] : []),
  ...(mayForwardAgent ? ['permit-agent-forwarding'] : []),
  ...(mayForward ? ['permit-port-forwarding'] : []),
  ...(mayTty ? ['permit-pty'] : []),
  'permit-user-rc',
]

const option = (name: string, data: Buffer) => Buffer.concat([string(name), string(data)])

const signer = (key: KeyObject) => (data: Buffer) =>
  packet(0, string('ssh-ed25519'), string(sign(null, data, key))).subarray(1)
