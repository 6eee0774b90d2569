// The three bundles. All are ES modules; what must stay beside them is named here.

import { rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type BuildOptions, build } from 'esbuild'
import { slimStarts } from './slim-starts.ts'

export interface Bundle {
  /** The file that is started. */
  entry: string
  make: (root: string) => Promise<void>
}

const common = {
  bundle: true,
  platform: 'node',
  format: 'esm',
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
  splitting: true,
  minify: true,
  chunkNames: 'chunk/[name]-[hash]',
  external: ['keytar'],
  plugins: slimStarts,
})

const conductor = bundle('packages/conductor/src/main.ts', {})

/** PGlite finds its WebAssembly and its data beside its own code, so it stays a package. */
const server = bundle('server/src/main.ts', { external: ['@electric-sql/pglite'] })

export const bundles: Bundle[] = [cli, conductor, server]

function bundle(source: string, options: BuildOptions): Bundle {
  const folder = join(dirname(source), '../dist')
  return {
    entry: join(folder, 'main.js'),
    make: async root => {
      rmSync(join(root, folder), { recursive: true, force: true })
      const outdir = join(root, folder)
      await build({ ...common, ...options, entryPoints: [join(root, source)], outdir, absWorkingDir: root })
    },
  }
}
