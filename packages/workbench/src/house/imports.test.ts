// Imports run one way (see the map in the top README). This test reads every import of the house and holds it against
// one table; whoever needs a new arrow changes the table, in the open.

import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../../../..')

/** part -> the parts that it may import. */
const parts: Record<string, readonly string[]> = {
  contracts: [],
  kit: [],
  client: ['contracts'],
  providers: ['contracts', 'kit', 'client'],
  conductor: ['contracts', 'kit', 'client'],
  cli: ['contracts', 'kit', 'client'],
  host: ['contracts', 'kit', 'client', 'providers'],
  server: ['contracts', 'kit', 'client', 'providers'],
  workbench: ['contracts', 'kit', 'client', 'providers', 'conductor', 'cli', 'host', 'server', 'node-runtime'],
}

/** The server's nouns, lowest first: one calls the verbs of those before it. `pool` and `backup` stand side by side. */
const nouns = [
  ['audit'],
  ['secret'],
  ['account'],
  ['team'],
  ['policy', 'template'],
  ['webhook'],
  ['plan', 'stripe', 'coinpay'],
  ['ledger'],
  ['subscription'],
  ['credit'],
  ['name'],
  ['machine'],
  ['task', 'domain', 'connection', 'profile', 'message'],
  ['device'],
  ['model-key'],
  ['model-credit'],
  ['access'],
  ['tunnel'],
  ['ssh'],
  ['idle'],
  ['pool', 'backup'],
  ['ending', 'health'],
  ['host'],
]

/** What a noun never imports: it is wired with these in backend.ts. */
const aboveNouns = ['web', 'reconcile', 'setup']

interface Import {
  from: string
  to: string
}

test('every part imports only what the table allows', () => {
  const wrong = imports().filter(({ from, to }) => {
    const [here, there] = [partOf(from), partOf(to)]
    return here !== there && !(parts[here] ?? []).includes(there)
  })
  expect(wrong.map(show)).toEqual([])
})

test('tests aside, nothing imports the workbench', () => {
  const wrong = imports().filter(({ from, to }) => partOf(to) === 'workbench' && partOf(from) !== 'workbench')
  expect(wrong.filter(({ from }) => !isTest(from)).map(show)).toEqual([])
})

test('a noun of the server imports only nouns before it', () => {
  const wrong = imports().filter(({ from, to }) => {
    const [here, there] = [rank(from), rank(to)]
    return here >= 0 && there >= 0 && folderOf(from) !== folderOf(to) && there >= here
  })
  expect(wrong.map(show)).toEqual([])
})

test('a noun of the server does not import what is wired above it', () => {
  const wrong = imports().filter(
    ({ from, to }) => rank(from) >= 0 && aboveNouns.includes(folderOf(to)) && !isTest(from),
  )
  expect(wrong.map(show)).toEqual([])
})

test('the gateway knows nothing of the backend: no database, no noun, only the log and its own', () => {
  const wrong = imports().filter(
    ({ from, to }) =>
      folderOf(from) === 'gateway' && !isTest(from) && partOf(to) === 'server' && !/src\/(gateway\/|log\.ts)/.test(to),
  )
  expect(wrong.map(show)).toEqual([])
})

test('only the identity folder and its migrations name the tables of better-auth', () => {
  const naming = sources('server').filter(
    file => !/\/(identity|migrations)\//.test(file) && /\bauth_[a-z]+/.test(readFileSync(join(root, file), 'utf8')),
  )
  expect(naming).toEqual([])
})

test('no import climbs out of its package by a relative path', () => {
  const wrong = imports().filter(({ from, to, relative: isRelative }) => isRelative && partOf(from) !== partOf(to))
  expect(wrong.map(show)).toEqual([])
})

/** The rule itself is tested on arrows that must not be: a table that allowed everything would pass all of the above. */
test.each([
  ['packages/cli/src/a.ts', 'server/src/b.ts'],
  ['packages/contracts/src/a.ts', 'packages/kit/src/b.ts'],
  ['packages/conductor/src/a.ts', 'packages/providers/src/b.ts'],
])('an arrow from %s to %s is against the table', (from, to) => {
  expect(parts[partOf(from)]).not.toContain(partOf(to))
})

function imports(): (Import & { relative: boolean })[] {
  return ['packages', 'server'].flatMap(sources).flatMap(file =>
    [...readFileSync(join(root, file), 'utf8').matchAll(/(?:^|[\s;])(?:from|import)\s*\(?\s*'([^']+)'/gm)].flatMap(
      ([, to]) => {
        const target = locate(file, String(to))
        const crosses = target !== undefined && !(isTest(file) && partOf(target) === 'workbench')
        return crosses ? [{ from: file, to: target, relative: String(to).startsWith('.') }] : []
      },
    ),
  )
}

/** The file or folder that an import means, from the root; undefined for packages of others. */
function locate(file: string, to: string): string | undefined {
  if (to.startsWith('.')) return relative(root, resolve(root, dirname(file), to))
  const ours = /^@spoq\/([^/]+)(?:\/(.*))?$/.exec(to)
  if (!ours) return undefined
  const folder = ours[1] === 'server' ? 'server' : `packages/${ours[1]}`
  return `${folder}/src/${ours[2] ?? ''}`
}

const sources = (folder: string) =>
  globSync(`${folder}/**/*.{ts,tsx,mjs}`, { cwd: root, exclude: path => /node_modules|\/dist(\/|$)/.test(path) })
const partOf = (file: string) => (file.startsWith('server/') ? 'server' : (file.split('/')[1] ?? ''))
const folderOf = (file: string) => (file.startsWith('server/src/') ? (file.split('/')[2] ?? '') : '')
const rank = (file: string) => nouns.findIndex(level => level.includes(folderOf(file)))
/** With what is there for tests alone. */
const isTest = (file: string) => /\.test\.ts$|\/test-[^/]+\.ts$/.test(file)
const show = ({ from, to }: Import) => `${from} -> ${to}`
