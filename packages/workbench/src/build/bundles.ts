// The bundles. All are ES modules; what must stay beside them is named here.

import { copyFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BuildOptions, build } from 'esbuild'
import { patchedPackages } from './patched.ts'
import { slimStarts } from './slim-starts.ts'

export interface Bundle {
  /** The file that is started. */
  entry: string
  make: (root: string) => Promise<void>
}

/** Names what a bundle is made of, for whoever ships it: older parts may lie beside. */
const partsFile = 'parts.json'

/** How each is made; the crash bench makes its own in the same way. */
export const common = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  // What is imported at run time stays apart: it is loaded when it is needed, and not before its own imports.
  splitting: true,
  target: 'node22',
  legalComments: 'none',
  logLevel: 'warning',
  sourcemap: false,
  // A CommonJS package inside an ES module still asks for `require`.
  banner: {
    js: `import { createRequire as spoqRequire } from 'node:module'; const require = spoqRequire(import.meta.url);`,
  },
} as const satisfies BuildOptions

/** A chunk a command: starting one reads that one. oclif loads its own parts when they are used. */
const cli = bundle('packages/cli/src/main.ts', {
  options: { minify: true, external: ['keytar'], plugins: slimStarts },
})

/** With the runner of its commands, and what starts the two on a machine. */
const conductor = bundle('packages/conductor/src/main.ts', {
  also: ['packages/conductor/src/runner.ts'],
  files: [
    'container.sh',
    'init.sh',
    'metadata.nft',
    'remove.sh',
    'set-up.sh',
    'spoq-conductor.service',
    'spoq-ssh.socket',
    'spoq-ssh@.service',
  ].map(name => `packages/conductor/setup/${name}`),
})

/** Docker's client loads what it needs for builds, which are not done here: it is large, and looks for files. */
const nothing = join(import.meta.dirname, 'nothing.cjs')
export const unused = Object.fromEntries(['@grpc/grpc-js', '@grpc/proto-loader'].map(name => [name, nothing]))
/** What ssh2 does faster with where it was compiled; it goes on without. */
export const compiled = ['cpu-features', '*.node']
/** It names its own folder as CommonJS does. */
export const ownFolder = { __dirname: 'import.meta.dirname' }

/** A program of its own, started without the backend's files. */
const gateway = bundle('server/src/gateway/main.ts', {
  folder: 'server/dist/gateway',
  options: { external: compiled, define: ownFolder, plugins: [patchedPackages] },
})

/** PGlite looks for its WebAssembly and its data beside its own code, which is then ours. */
const server = bundle('server/src/main.ts', {
  options: { alias: unused, external: compiled, define: ownFolder, plugins: [patchedPackages] },
  files: ['initdb.wasm', 'pglite.data', 'pglite.wasm'].map(name => `@electric-sql/pglite/${name}`),
})

export const bundles: Bundle[] = [cli, conductor, server, gateway]

interface Parts {
  /** Where it goes; default: `dist` beside the sources. */
  folder?: string
  options?: BuildOptions
  /** Programs beside the first, which share its parts. */
  also?: string[]
  /** Copied as they are: a path from the root, or a package's. */
  files?: string[]
}

function bundle(source: string, parts: Parts): Bundle {
  const { folder = join(dirname(source), '../dist'), options = {}, also = [], files = [] } = parts
  return {
    entry: join(folder, 'main.js'),
    make: async root => {
      const outdir = join(root, folder)
      const entryPoints = [source, ...also].map(path => join(root, path))
      const { metafile } = await build({
        ...common,
        ...options,
        entryPoints,
        outdir,
        absWorkingDir: root,
        metafile: true,
      })
      for (const file of files) copyFileSync(sourceOf(root, file), join(outdir, basename(file)))
      const parts = [...Object.keys(metafile.outputs), ...files].map(file => basename(file)).sort()
      writeFileSync(join(outdir, partsFile), `${JSON.stringify(parts)}\n`)
      removeOld(outdir, [...parts, partsFile])
    },
  }
}

const sourceOf = (root: string, file: string) =>
  file.startsWith('@') ? fileURLToPath(import.meta.resolve(file)) : join(root, file)

const keptMs = 7 * 86_400_000

/** A Conductor that was started from an earlier build may still load a part of it: parts have their hash in the name. */
function removeOld(outdir: string, current: string[]): void {
  // A folder in it is another bundle's.
  for (const { name } of readdirSync(outdir, { withFileTypes: true }).filter(entry => entry.isFile())) {
    const file = join(outdir, name)
    if (!current.includes(name) && Date.now() - statSync(file).mtimeMs > keptMs) rmSync(file)
  }
}
