// AWS Signature Version 4 for one request. The body is not in it (UNSIGNED-PAYLOAD): it comes as a stream, and what is stored
// is authenticated by itself and read again. Nothing else of S3 needs a library.

import { createHash, createHmac } from 'node:crypto'

export interface Credentials {
  key: string
  secret: string
  region: string
}

export interface ToSign {
  method: string
  url: URL
  /** Lower case; `host` is added. */
  headers?: Record<string, string>
  /** Default: UNSIGNED-PAYLOAD. */
  bodyHash?: string
  service?: string
}

/** The headers that a request needs beside its own. */
export function signed({ method, url, headers = {}, bodyHash, service = 's3' }: ToSign, by: Credentials, now: number) {
  const at = new Date(now).toISOString().replace(/[-:]|\.\d{3}/g, '')
  const day = at.slice(0, 8)
  const hash = bodyHash ?? 'UNSIGNED-PAYLOAD'
  const ofS3: Record<string, string> = service === 's3' ? { 'x-amz-content-sha256': hash } : {}
  const all: Record<string, string> = { host: url.host, 'x-amz-date': at, ...ofS3, ...headers }
  const names = Object.keys(all).sort()
  const canonical = [
    method,
    url.pathname,
    canonicalQuery(url),
    ...names.map(name => `${name}:${all[name]?.trim().replace(/ +/g, ' ')}`),
    '',
    names.join(';'),
    hash,
  ].join('\n')
  const scope = `${day}/${by.region}/${service}/aws4_request`
  const toSign = ['AWS4-HMAC-SHA256', at, scope, createHash('sha256').update(canonical).digest('hex')].join('\n')
  const key = [day, by.region, service, 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${by.secret}`)
  const signature = hmac(key, toSign).toString('hex')
  const authorization = `AWS4-HMAC-SHA256 Credential=${by.key}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`
  const { host: _, ...sent } = all
  return { ...sent, authorization }
}

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()

function canonicalQuery(url: URL): string {
  const pairs = [...url.searchParams].map(([name, value]) => `${escaped(name)}=${escaped(value)}`)
  return pairs.sort().join('&')
}

/** As AWS wants it: a few more than `encodeURIComponent`. */
const escaped = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, char => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
