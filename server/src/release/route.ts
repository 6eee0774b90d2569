import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { SpoqError } from '@spoq/contracts/problem'
import { fetchRelease, showRelease } from '@spoq/contracts/release'
import type { Serve } from '../http/serve.ts'
import type { Release, Releases } from './open.ts'

/** `sign`: makes a JWT of the manifest with the key that the backend signs tokens with. */
export function registerReleases(serve: Serve, releases: Releases, sign: (release: Release) => Promise<string>): void {
  serve.anyone(showRelease, async () => {
    const release = await releases.current()
    return { ...release, signed: await sign(release) }
  })
  serve.anyone(fetchRelease, ({ params: { file } }) => {
    const found = releases.find(file)
    if (!found) throw new SpoqError('not_found', { message: 'There is no such release.' })
    const body = Readable.toWeb(createReadStream(found.path)) as ReadableStream
    return new Response(body, {
      headers: {
        'content-type': 'application/gzip',
        'content-length': String(found.bytes),
        'cache-control': 'public, max-age=31536000, immutable',
      },
    })
  })
}
