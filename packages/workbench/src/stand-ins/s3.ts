// A stand-in of an S3: objects by path, multipart uploads, and every signature checked. It keeps S3's rules: parts under 5 MiB
// (here `leastPart`) but for the last one, ETags that must fit, uploads that end once.

import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Running, serveHttp } from './http.ts'

/** `lost`: done, and the connection cut; `fault`: 500, not done; `half`: half of an answer; `changed`: a bit of it is another. */
export type S3Weather = 'lost' | 'fault' | 'half' | 'changed'

export interface S3 extends Running {
  /** For S3_URL. */
  address: string
  objects: Map<string, Buffer>
  uploads: Map<string, { path: string; parts: Map<number, Buffer> }>
  /** `METHOD path?query` of each request. */
  requests: string[]
  /** The next requests that match meet this, one each. */
  weather(match: RegExp, ...next: S3Weather[]): void
}

const key = 'AKIASTANDIN'
const secret = 'stand/in+secret'

export async function startS3({ leastPart = 5 << 20 } = {}): Promise<S3> {
  const objects = new Map<string, Buffer>()
  const uploads: S3['uploads'] = new Map()
  const requests: string[] = []
  const waiting: { match: RegExp; next: S3Weather[] }[] = []
  const running = await serveHttp(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://s3')
    const name = `${request.method} ${url.pathname}${url.search}`
    requests.push(name)
    const weather = waiting.find(({ match, next }) => match.test(name) && next.length > 0)?.next.shift()
    const body = await bodyOf(request)
    if (weather === 'fault') return answer(response, 500, '<Error><Code>InternalError</Code></Error>')
    if (!isSigned(request, url)) return answer(response, 403, '<Error><Code>SignatureDoesNotMatch</Code></Error>')
    const [status, text, headers] = act(request.method ?? '', url, body)
    if (weather === 'lost') return void response.destroy()
    if (weather === 'changed' && Buffer.isBuffer(text)) text[text.length >> 1] = (text[text.length >> 1] ?? 0) ^ 1
    if (weather !== 'half') return answer(response, status, text, headers)
    response.writeHead(status, { 'content-length': Buffer.byteLength(text) })
    response.write(Buffer.from(text).subarray(0, Buffer.byteLength(text) >> 1), () => response.destroy())
  })

  type Acted = [status: number, text: string | Buffer, headers?: Record<string, string>]
  const fault = (status: number, code: string): Acted => [status, `<Error><Code>${code}</Code></Error>`]

  function act(method: string, { pathname: path, searchParams: query }: URL, body: Buffer): Acted {
    const id = query.get('uploadId')
    const upload = id === null ? undefined : uploads.get(id)
    if (id !== null && upload?.path !== path) return fault(404, 'NoSuchUpload')
    if (method === 'GET' && query.has('uploads')) return [200, listed(path, query.get('prefix') ?? '')]
    if (method === 'POST' && query.has('uploads')) {
      const fresh = randomBytes(8).toString('hex')
      uploads.set(fresh, { path, parts: new Map() })
      return [200, `<R><UploadId>${fresh}</UploadId></R>`]
    }
    if (method === 'PUT' && upload) {
      upload.parts.set(Number(query.get('partNumber')), body)
      return [200, '', { etag: etagOf(body) }]
    }
    if (method === 'POST' && upload) return completed(id ?? '', upload, body.toString())
    if (method === 'DELETE' && upload) return (uploads.delete(id ?? '') && [204, '']) || [204, '']
    if (method === 'DELETE') return (objects.delete(path) && [204, '']) || [204, '']
    const object = objects.get(path)
    if (method === 'GET' || method === 'HEAD')
      return object ? [200, method === 'HEAD' ? '' : Buffer.from(object)] : fault(404, 'NoSuchKey')
    return fault(405, 'MethodNotAllowed')
  }

  function completed(id: string, { path, parts }: { path: string; parts: Map<number, Buffer> }, xml: string): Acted {
    const asked = [...xml.matchAll(/<PartNumber>(\d+)<\/PartNumber><ETag>([^<]*)<\/ETag>/g)]
    const all = asked.map(([, number, etag]) => ({ number: Number(number), etag, part: parts.get(Number(number)) }))
    if (all.length === 0 || all.some(({ number }, at) => number !== at + 1)) return fault(400, 'InvalidPartOrder')
    if (all.some(({ part, etag }) => !part || etagOf(part) !== etag)) return fault(400, 'InvalidPart')
    if (all.slice(0, -1).some(({ part }) => (part?.length ?? 0) < leastPart)) return fault(400, 'EntityTooSmall')
    objects.set(path, Buffer.concat(all.map(({ part }) => part ?? Buffer.alloc(0))))
    uploads.delete(id)
    return [200, '<R><ETag>"whole"</ETag></R>']
  }

  function listed(bucket: string, prefix: string): string {
    const begun = [...uploads].filter(([, { path }]) => path.startsWith(`${bucket}/${prefix}`))
    return `<R>${begun.map(([id]) => `<Upload><UploadId>${id}</UploadId></Upload>`).join('')}</R>`
  }

  const { host } = new URL(running.url)
  return {
    ...running,
    address: `http://${key}:${encodeURIComponent(secret)}@${host}/bucket/some/prefix?region=eu-test-1`,
    objects,
    uploads,
    requests,
    weather: (match, ...next) => void waiting.push({ match, next }),
  }
}

const etagOf = (part: Buffer) => `"${createHash('md5').update(part).digest('hex')}"`

function answer(response: ServerResponse, status: number, text: string | Buffer, headers = {}): void {
  response.writeHead(status, { 'content-length': Buffer.byteLength(text), ...headers })
  response.end(text)
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of request) pieces.push(piece as Buffer)
  return Buffer.concat(pieces)
}

/** By what came over the wire, not by what was meant. */
function isSigned(request: IncomingMessage, url: URL): boolean {
  const form =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([\w-]+)\/s3\/aws4_request, ?SignedHeaders=([\w;-]+), ?Signature=([0-9a-f]{64})$/
  const [, by, day, region, names = '', signature = ''] = form.exec(request.headers.authorization ?? '') ?? []
  const at = String(request.headers['x-amz-date'])
  if (by !== key || region !== 'eu-test-1' || !at.startsWith(day ?? '-')) return false
  const asked = Date.parse(at.replace(/(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/, '$1-$2-$3T$4:$5:$6Z'))
  if (Math.abs(Date.now() - asked) > 15 * 60_000) return false
  for (const needed of ['host', 'x-amz-date', 'x-amz-content-sha256'])
    if (!names.split(';').includes(needed)) return false
  const [path = '', search = ''] = (request.url ?? '').split('?')
  const query = search
    .split('&')
    .filter(Boolean)
    .map(one => (one.includes('=') ? one : `${one}=`))
  const lines = names.split(';').map(name => `${name}:${request.headers[name]}`)
  const hash = String(request.headers['x-amz-content-sha256'])
  const canonical = [request.method, path, query.sort().join('&'), ...lines, '', names, hash].join('\n')
  const scope = `${day}/${region}/s3/aws4_request`
  const text = `AWS4-HMAC-SHA256\n${at}\n${scope}\n${createHash('sha256').update(canonical).digest('hex')}`
  let derived: Buffer | string = `AWS4${secret}`
  for (const part of scope.split('/')) derived = createHmac('sha256', derived).update(part).digest()
  const expected = createHmac('sha256', derived).update(text).digest()
  return url.pathname.length > 1 && timingSafeEqual(expected, Buffer.from(signature, 'hex'))
}
