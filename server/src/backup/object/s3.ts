// Backups in an S3, whoever's: AWS, MinIO, Ceph, R2, B2. Addresses have the bucket in their path. All goes in by parts, of which
// one is in memory at a time, so that one that fails is sent again; only when all are there is there an object.

import { setTimeout as sleep } from 'node:timers/promises'
import { SpoqError } from '@spoq/contracts/problem'
import { AwsV4Signer } from 'aws4fetch'
import { request } from 'undici'
import { ObjectMissing, type ObjectStore } from './object-store.ts'

interface S3Options {
  /** `https://KEY:SECRET@host/bucket/prefix?region=eu-central-1` */
  url: string
  now: () => number
  /** Of a part, in bytes: S3 takes 10,000, none but the last under 5 MiB. */
  partBytes?: number
  /** Before the first repeat, in ms; doubled each time. */
  pauseMs?: number
}

const mostTries = 5
const patienceMs = 60_000

export function s3Store({ url, now, partBytes = 16 << 20, pauseMs = 500 }: S3Options): ObjectStore {
  const place = new URL(url)
  const by = {
    accessKeyId: decodeURIComponent(place.username),
    secretAccessKey: decodeURIComponent(place.password),
    service: 's3',
    region: place.searchParams.get('region') ?? 'us-east-1',
  }
  const base = `${place.protocol}//${place.host}${place.pathname.replace(/\/+$/, '')}`

  /** The body is not in the signature: what is stored is authenticated by itself and read again. */
  async function signed(method: Method, url: URL): Promise<Record<string, string>> {
    const datetime = new Date(now()).toISOString().replace(/[-:]|\.\d{3}/g, '')
    const { headers } = await new AwsV4Signer({ ...by, method, url: url.href, datetime }).sign()
    return Object.fromEntries(headers)
  }

  /** Sends until there is an answer that another try would not change. */
  async function send(method: Method, name: string, query: Record<string, string> = {}, body?: Buffer) {
    const at = new URL(`${base}/${name}`)
    for (const [key, value] of Object.entries(query)) at.searchParams.set(key, value)
    for (let tries = 1; ; tries++) {
      const answer = await request(at, {
        method,
        headers: await signed(method, at),
        body: body ?? null,
        headersTimeout: patienceMs,
        bodyTimeout: patienceMs,
      }).catch((cause: Error) => cause)
      const again = answer instanceof Error || answer.statusCode >= 500 || answer.statusCode === 429
      if (!again) return answer
      if (!(answer instanceof Error)) await answer.body.dump()
      if (tries === mostTries) throw refused(answer instanceof Error ? answer : `it answers ${answer.statusCode}`)
      await sleep(pauseMs * 2 ** (tries - 1))
    }
  }

  async function text(method: Method, name: string, query: Record<string, string>, body?: Buffer): Promise<string> {
    const answer = await send(method, name, query, body)
    const said = await answer.body.text()
    if (answer.statusCode >= 300 || /<Error>/.test(said))
      throw refused(element(said, 'Code') ?? `it answers ${answer.statusCode}`)
    return said
  }

  async function putPart(name: string, upload: string, number: number, part: Buffer): Promise<string> {
    const answer = await send('PUT', name, { partNumber: String(number), uploadId: upload }, part)
    const said = await answer.body.text()
    const etag = answer.headers.etag
    if (answer.statusCode !== 200 || typeof etag !== 'string')
      throw refused(element(said, 'Code') ?? `it answers ${answer.statusCode} to a part`)
    return etag
  }

  /** What was begun before and not ended costs money for ever. */
  async function abortAll(name: string): Promise<void> {
    const bucket = new URL(base).pathname.split('/')[1] ?? ''
    const key = `${new URL(base).pathname.slice(bucket.length + 2)}/${name}`.replace(/^\//, '')
    const listed = await listUploads(bucket, key)
    for (const upload of listed) await (await send('DELETE', name, { uploadId: upload })).body.dump()
  }

  async function listUploads(bucket: string, key: string): Promise<string[]> {
    const at = new URL(`${place.protocol}//${place.host}/${bucket}`)
    at.searchParams.set('prefix', key)
    at.searchParams.set('uploads', '')
    const answer = await request(at, {
      headers: await signed('GET', at),
      headersTimeout: patienceMs,
    })
    const said = await answer.body.text()
    return answer.statusCode === 200
      ? [...said.matchAll(/<UploadId>([^<]+)<\/UploadId>/g)].map(([, id]) => id ?? '')
      : []
  }

  return {
    async put(name, bytes) {
      await abortAll(name)
      const upload = element(await text('POST', name, { uploads: '' }), 'UploadId')
      if (!upload) throw refused('it began no upload')
      try {
        const etags: string[] = []
        for await (const part of parts(bytes, partBytes))
          etags.push(await putPart(name, upload, etags.length + 1, part))
        const list = etags.map((etag, at) => `<Part><PartNumber>${at + 1}</PartNumber><ETag>${etag}</ETag></Part>`)
        const whole = `<CompleteMultipartUpload>${list.join('')}</CompleteMultipartUpload>`
        await text('POST', name, { uploadId: upload }, Buffer.from(whole)).catch(async error => {
          // Its answer may have been lost: then the upload is no more, and the object is there.
          if (!/NoSuchUpload/.test(String(error.message)) || (await send('HEAD', name)).statusCode !== 200) throw error
        })
      } catch (error) {
        await abortAll(name).catch(() => {})
        throw error
      }
    },
    async get(name) {
      const answer = await send('GET', name)
      if (answer.statusCode === 200) return answer.body
      const said = await answer.body.text()
      if (answer.statusCode === 404) throw new ObjectMissing(name)
      throw refused(element(said, 'Code') ?? `it answers ${answer.statusCode}`)
    },
    async remove(name) {
      await abortAll(name)
      const answer = await send('DELETE', name)
      await answer.body.dump()
      if (answer.statusCode >= 300 && answer.statusCode !== 404) throw refused(`it answers ${answer.statusCode}`)
    },
  }
}

type Method = 'GET' | 'PUT' | 'POST' | 'DELETE' | 'HEAD'

/** Its address is not repeated: it holds a key. */
const refused = (why: string | Error) =>
  new SpoqError('backup_failed', {
    message: `The store of backups does not take part: ${why instanceof Error ? 'it does not answer' : why}.`,
    ...(why instanceof Error ? { cause: why } : {}),
  })

const element = (xml: string, name: string): string | undefined =>
  new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1]

/** Each of them but the last at least so large; nothing of nothing. */
async function* parts(bytes: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Buffer> {
  let waiting: Uint8Array[] = []
  let length = 0
  for await (const some of bytes) {
    waiting.push(some)
    length += some.length
    if (length < size) continue
    yield Buffer.concat(waiting)
    waiting = []
    length = 0
  }
  if (length > 0) yield Buffer.concat(waiting)
}
