import * as z from 'zod/mini'
import { route } from '../http/index.ts'

/** The `typ` of the signed manifest, so that it is never taken for a token. */
export const releaseType = 'spoq-release+jwt'

/** A file name of ours, nothing that leads elsewhere: `spoq-0.1.0-1a2b3c4d5e6f-linux-x64.tar.gz`. */
export const releaseFile = z
  .string()
  .check(z.regex(/^spoq-[0-9a-z.-]{1,40}-[0-9a-f]{12}-[a-z0-9]+-[a-z0-9]+\.tar\.gz$/, 'not the name of a release'))

/** What machines run: Node, Conductor and command line in one archive. */
export const releaseManifest = z.object({
  version: z.string(),
  /** `linux-x64`, `linux-arm64`. */
  platform: z.string(),
  file: releaseFile,
  sha256: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
  bytes: z.number(),
  /** The same as a JWT that the backend signed, by the keys of its JWKS. */
  signed: z.string(),
})
export type ReleaseManifest = z.infer<typeof releaseManifest>

export const showRelease = route({
  method: 'get',
  path: '/release/manifest.json',
  summary: 'Says which release machines of this backend run, signed.',
  caller: 'anyone',
  status: 200,
  answer: releaseManifest,
  errors: ['release_missing'],
})

export const fetchRelease = route({
  method: 'get',
  path: '/release/{file}',
  summary: 'The archive of a release. What has a name never changes.',
  caller: 'anyone',
  params: z.object({ file: releaseFile }),
  status: 200,
  answer: z.unknown(),
  errors: ['not_found'],
})
