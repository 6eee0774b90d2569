import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { showRelease } from '@spoq/contracts/release'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { afterEach, expect, test } from 'vitest'
import { startBackend } from '../backend.ts'
import { readConfig } from '../config.ts'
import { openReleases } from './open.ts'

const made: string[] = []
const folder = () => {
  const path = mkdtempSync(join(tmpdir(), 'spoq-release-'))
  made.push(path)
  return path
}
afterEach(() => {
  for (const path of made.splice(0)) rmSync(path, { recursive: true, force: true })
})

/** A small product, built; `parts` lie beside what an earlier build left. */
function product(content = 'one'): string {
  const root = folder()
  const put = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  put('package.json', '{"version":"1.2.3"}')
  put('oclif.manifest.json', '{}')
  put('bin/run.js', 'run')
  put('bin/package.json', '{}')
  put('node', content)
  put('packages/cli/dist/main.js', 'x'.repeat(512))
  put('packages/cli/dist/old-chunk.js', 'old')
  put('packages/cli/dist/parts.json', '["main.js"]')
  put('packages/conductor/dist/init.sh', '#!/bin/sh')
  put('packages/conductor/dist/parts.json', '["init.sh"]')
  return root
}
const open = (root: string, into = folder()) =>
  openReleases({ folder: into, root, node: join(root, 'node'), log: () => {} })

test('it holds what was built last, whole, and tar reads it', async () => {
  const into = folder()
  const release = await open(product(), into).current()
  expect(release.file).toMatch(/^spoq-1\.2\.3-[0-9a-f]{12}-linux-x64\.tar\.gz$/)
  const archive = readFileSync(join(into, release.file))
  expect(createHash('sha256').update(archive).digest('hex')).toBe(release.sha256)
  expect(archive.length).toBe(release.bytes)
  const there = folder()
  const listed = execFileSync('tar', [
    '--extract',
    '--verbose',
    '--file',
    join(into, release.file),
    '--directory',
    there,
  ])
  const names = ['bin/node', 'bin/package.json', 'bin/run.js', 'bin/spoq', 'bin/sparebox']
  const more = ['conductor/init.sh', 'oclif.manifest.json', 'package.json', 'packages/cli/dist/main.js']
  expect(String(listed).trim().split('\n').sort()).toEqual([...names, ...more].sort())
  expect(readFileSync(join(there, 'packages/cli/dist/main.js'), 'utf8')).toBe('x'.repeat(512))
  expect(readFileSync(join(there, 'bin/sparebox'), 'utf8')).toBe('run')
  expect(
    execFileSync('stat', ['-c', '%a', 'bin/node', 'bin/run.js', 'conductor/init.sh'], { cwd: there, encoding: 'utf8' }),
  ).toBe('755\n644\n755\n')
})

// Mutants: a time of the file in its header; the order of the folder; the mode of the file on this computer.
test('the same content is the same archive, wherever and whenever it is made; other content is another', async () => {
  const [a, b, other] = [product(), product(), product('two')]
  utimesSync(join(b, 'bin/run.js'), 1, 1)
  chmodSync(join(b, 'bin/run.js'), 0o700)
  const [first, second, third] = await Promise.all([a, b, other].map(root => open(root).current()))
  expect(second).toEqual(first)
  expect(third?.file).not.toBe(first?.file)
  expect(third?.sha256).not.toBe(first?.sha256)
})

test('it is made once, and once more only when what is there is not whole', async () => {
  const [root, into] = [product(), folder()]
  const { file } = await open(root, into).current()
  writeFileSync(join(into, file), 'kept as it is')
  expect(await open(root, into).current()).toMatchObject({ file })
  expect(readFileSync(join(into, file), 'utf8')).toBe('kept as it is')
  // A backend that died between the two left this.
  rmSync(join(into, `${file}.json`))
  expect(open(root, into).find(file)).toBe(null)
  await open(root, into).current()
  expect(readFileSync(join(into, file)).length).toBeGreaterThan(100)
  expect(readdirSync(into).sort()).toEqual([file, `${file}.json`])
})

test('three are kept', async () => {
  const into = folder()
  for (const content of ['a', 'b', 'c', 'd', 'e']) await open(product(content), into).current()
  expect(readdirSync(into).filter(name => name.endsWith('.gz'))).toHaveLength(3)
})

test('without a build there is none, and the next question finds it when there is', async () => {
  const root = product()
  rmSync(join(root, 'packages/cli/dist/parts.json'))
  const releases = open(root)
  await expect(releases.current()).rejects.toMatchObject({ code: 'release_missing' })
  writeFileSync(join(root, 'packages/cli/dist/parts.json'), '["main.js"]')
  await expect(releases.current()).resolves.toMatchObject({ version: '1.2.3' })
})

test('the backend serves it with a manifest that its keys signed', async () => {
  if (!existsSync(join(import.meta.dirname, '../../../packages/cli/dist/parts.json')))
    return console.log('skipped: the bundles are not built (npm run build)')
  const dataDir = folder()
  await using stack = new AsyncDisposableStack()
  const config = readConfig({ SPOQ_DATA_DIR: dataDir, SERVER_PORT: '0', LOG_LEVEL: 'error' })
  const backend = await startBackend(config, { scanMs: 3_600_000, openProviders: () => new Map() })
  stack.defer(() => backend.stop())
  const manifest = showRelease.answer.parse(await (await fetch(`${backend.url}/release/manifest.json`)).json())
  const keys = createRemoteJWKSet(new URL(`${backend.url}/identity/jwks`))
  const { payload } = await jwtVerify(manifest.signed, keys, { issuer: backend.url, typ: 'spoq-release+jwt' })
  const { signed: _, ...said } = manifest
  expect(payload).toMatchObject(said)
  // It is no token.
  const headers = { authorization: `Bearer ${manifest.signed}` }
  expect((await fetch(`${backend.url}/api/machines`, { headers })).status).toBe(401)

  const response = await fetch(`${backend.url}/release/${manifest.file}`)
  expect(response.headers.get('cache-control')).toMatch(/immutable/)
  const bytes = Buffer.from(await response.arrayBuffer())
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(manifest.sha256)
  const nowhere = [
    manifest.file.replace(/-[0-9a-f]{12}-/, '-0123456789ab-'),
    '..%2fsecret',
    `%2e%2e%2f${manifest.file}`,
    `${manifest.file}.json`,
  ]
  for (const file of nowhere) expect((await fetch(`${backend.url}/release/${file}`)).status).toBeGreaterThanOrEqual(400)
}, 60_000)
