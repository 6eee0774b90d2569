// What makes a start of the command line load less, measured by the bench.

import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Plugin } from 'esbuild'

/**
 * oclif's compiled modules require all they could ever need when they are loaded. Here each `require` becomes a getter:
 * a part is loaded when it is used, and most commands use few.
 */
const lazyRequires: Plugin = {
  name: 'lazy-requires',
  setup: build =>
    build.onLoad({ filter: /node_modules\/@oclif\/core\/lib\/.*\.js$/ }, async ({ path }) => ({
      contents: withLazyRequires(await readFile(path, 'utf8')),
      loader: 'js',
    })),
}

/** `const a_1 = require("a"); … a_1.b` becomes `const a_1 = () => require("a"); … a_1().b`. */
export function withLazyRequires(source: string): string {
  const names: string[] = []
  const declared = source.replace(
    /^(?:const|var) (\w+) = ((?:__import(?:Default|Star)\()?require\("[^"]+"\)\)?);$/gm,
    (_, name: string, value: string) => {
      names.push(name)
      return `let ${name}$; const ${name} = () => (${name}$ ??= ${value});`
    },
  )
  return names.reduce((text, name) => {
    const use = new RegExp(`(new )?(?<![\\w$.])${name}\\.`, 'g')
    return text.replace(use, (_, made) => (made ? `new (${name}()).` : `${name}().`))
  }, declared)
}

/**
 * Loading one of Node's own modules reads each of its exports, and those of some load a dozen parts more: all of Web
 * Crypto for one hash, worker threads for one colour. These are loaded when something of them is used.
 */
const lazyBuiltins: Plugin = {
  name: 'lazy-builtins',
  setup: build => {
    build.onResolve(
      { filter: /^node:(child_process|crypto|fs\/promises|sqlite|timers\/promises|util)$/ },
      ({ path, kind }) => (kind === 'import-statement' ? { path, namespace: 'builtin' } : undefined),
    )
    build.onLoad({ filter: /.*/, namespace: 'builtin' }, async ({ path }) => {
      const names = Object.keys(await import(path)).filter(name => name !== 'default')
      const getters = names.map(name => `get ${name}() { return require("${path}").${name} }`)
      return { contents: `module.exports = { ${getters.join(', ')} }`, loader: 'js' }
    })
  },
}

/**
 * Whoever imports one name of a noun of the contracts would load the whole noun, and zod with it, since a bundler splits
 * by files. So each name is imported from the file that its `index.ts` says: who throws an error loads no shapes.
 */
const directImports: Plugin = {
  name: 'direct-imports',
  setup: build => {
    build.onLoad({ filter: /\/packages\/(cli|client|contracts)\/src\/.*\.ts$/ }, async ({ path }) => {
      const root = path.slice(0, path.lastIndexOf('/packages/'))
      return { contents: withDirectImports(await readFile(path, 'utf8'), path, root), loader: 'ts' }
    })
  },
}

function withDirectImports(source: string, path: string, root: string): string {
  return source.replace(/^import \{([^}]*)\} from '([^']+)'$/gm, (statement, names: string, from: string) => {
    const noun = /^@spoq\/contracts\/(\w+)$/.exec(from)?.[1]
    const index = noun ? join(root, 'packages/contracts/src', noun, 'index.ts') : join(dirname(path), from)
    if (!index.endsWith('/index.ts') || !index.includes('/packages/contracts/src/')) return statement
    const files = exportsOf(index)
    const values = names
      .split(',')
      .map(name => name.trim())
      .filter(name => name !== '' && !name.startsWith('type '))
    return values.map(name => `import { ${name} } from '${files.get(name) ?? index}'`).join('; ')
  })
}

/** name -> the file that an index takes it from. */
function exportsOf(index: string): Map<string, string> {
  const statements = readFileSync(index, 'utf8').matchAll(/export \{([^}]*)\} from '([^']+)'/g)
  const pairs = [...statements].flatMap(([, names = '', from = '']) =>
    names.split(',').map(name => [name.trim().replace(/^type /, ''), join(dirname(index), from)] as const),
  )
  return new Map(pairs)
}

/** What oclif brings for things that Spoq has no part in: looking for commands on the disk, Windows' Linux. */
const unused = ['lilconfig', 'minimatch', 'tinyglobby', 'wsl-utils']

const withoutUnused: Plugin = {
  name: 'without-unused',
  setup: build => {
    build.onResolve({ filter: new RegExp(`^(${unused.join('|')})$`) }, ({ path, importer }) =>
      importer.includes('/node_modules/@oclif/core/') ? { path, namespace: 'unused' } : undefined,
    )
    build.onLoad({ filter: /.*/, namespace: 'unused' }, () => ({ contents: 'module.exports = {}', loader: 'js' }))
  },
}

export const slimStarts: Plugin[] = [lazyRequires, lazyBuiltins, directImports, withoutUnused]
