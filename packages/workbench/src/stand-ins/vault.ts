// A stand-in for Vault's transit engine (HashiCorp Vault, API v1): keys with versions, AES-256-GCM, associated data.
// It is strict: an unknown field, a wrong token or a missing key is answered as Vault answers it.

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import * as z from 'zod'
import { json, type Running, readJson, serveHttp } from './http.ts'

export interface Vault extends Running {
  token: string
  /** Makes the next version of a key: Vault's own `rotate`. */
  rotate(key: string): void
  /** Refuses older versions from now on: Vault's `min_decryption_version`. */
  forgetBefore(key: string, version: number): void
  /** Until it is unsealed every call is answered 503. */
  sealed: boolean
  /** The paths that were called, oldest first. */
  called: string[]
}

interface TransitKey {
  versions: Buffer[]
  oldest: number
}

const base64 = z.string().regex(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/)
const encryptBody = z.strictObject({ plaintext: base64, associated_data: base64.optional() })
const decryptBody = z.strictObject({ ciphertext: z.string(), associated_data: base64.optional() })
const rewrapBody = z.strictObject({ ciphertext: z.string() })

/** Starts a Vault that has the named keys, on a free port of this computer. */
export async function startVault(names: readonly string[]): Promise<Vault> {
  const keys = new Map<string, TransitKey>(names.map(name => [name, { versions: [randomBytes(32)], oldest: 1 }]))
  const keyOf = (name: string) => keys.get(name) ?? refuse(400, 'encryption key not found')

  const running = await serveHttp(async (request, response) => {
    const path = (request.url ?? '').replace('/v1/transit/', '')
    vault.called.push(path)
    try {
      if (vault.sealed) refuse(503, 'Vault is sealed')
      if (request.headers['x-vault-token'] !== vault.token) refuse(403, 'permission denied')
      if (request.method !== 'POST') refuse(405, 'unsupported operation')
      const [verb, name = ''] = path.split('/')
      json(response, 200, { data: act(verb, decodeURIComponent(name), await readJson(request)) })
    } catch (error) {
      const status = error instanceof Refused ? error.status : 400
      json(response, status, { errors: [(error as Error).message] })
    }
  })

  function act(verb: string | undefined, name: string, body: unknown): object {
    if (verb === 'encrypt') {
      const { plaintext, associated_data } = encryptBody.parse(body)
      return seal(keyOf(name), Buffer.from(plaintext, 'base64'), associated_data)
    }
    if (verb === 'decrypt') {
      const { ciphertext, associated_data } = decryptBody.parse(body)
      return { plaintext: open(keyOf(name), ciphertext, associated_data).toString('base64') }
    }
    // As the real one: no associated data, so it cannot rewrap what was encrypted with some.
    if (verb === 'rewrap') return seal(keyOf(name), open(keyOf(name), rewrapBody.parse(body).ciphertext))
    return refuse(404, 'no handler for route')
  }

  const vault: Vault = {
    ...running,
    token: `hvs.${randomBytes(12).toString('hex')}`,
    sealed: false,
    called: [],
    rotate: name => void keyOf(name).versions.push(randomBytes(32)),
    forgetBefore: (name, version) => {
      keyOf(name).oldest = version
    },
  }
  return vault
}

class Refused extends Error {
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

function refuse(status: number, message: string): never {
  throw new Refused(status, message)
}

function seal({ versions }: TransitKey, plain: Buffer, associated = '') {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', versions.at(-1) as Buffer, nonce).setAAD(
    Buffer.from(associated, 'base64'),
  )
  const bytes = Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
  return { ciphertext: `vault:v${versions.length}:${bytes.toString('base64')}`, key_version: versions.length }
}

function open({ versions, oldest }: TransitKey, ciphertext: string, associated = ''): Buffer {
  const [, version, text = ''] = /^vault:v(\d+):(.+)$/.exec(ciphertext) ?? []
  const key = versions[Number(version) - 1]
  if (!key) return refuse(400, 'invalid ciphertext: version is not found')
  if (Number(version) < oldest) return refuse(400, 'ciphertext or signature version is disallowed by policy (too old)')
  const bytes = Buffer.from(text, 'base64')
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12), { authTagLength: 16 })
      .setAAD(Buffer.from(associated, 'base64'))
      .setAuthTag(bytes.subarray(-16))
    return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()])
  } catch {
    return refuse(400, 'cipher: message authentication failed')
  }
}
