// What the bench starts, made once for each state of the sources: the backend that can be killed and a Conductor, bundled as
// what ships is, and a home in which that backend was once. From sources and an empty folder each of hundreds of starts
// would take three times as long.

import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { build } from 'esbuild'
import { common, compiled, ownFolder, unused } from '../build/bundles.ts'
import { patiently } from '../build/patiently.ts'
import { sourcesHash } from '../build/stamp.ts'
import { startBackend } from './backend.ts'

export interface Program {
  /** The backend's entry. */
  backend: string
  /** The Conductor's. */
  conductor: string
  /** Where Node keeps what it compiled of them. */
  compiled: string
  /** A data folder with an embedded database that is up to date and without a machine: for copies. */
  home: string
}

const root = resolve(import.meta.dirname, '../../../..')
const cache = join(root, 'node_modules/.cache/spoq-crash')

/** The program of the sources as they are. Several that ask at once: one makes it, and the others wait. */
export async function madeProgram(): Promise<Program> {
  const folder = join(cache, sourcesHash(root).slice(0, 16))
  if (existsSync(folder)) return programIn(folder)
  const lock = await patiently(cache)
  try {
    if (existsSync(folder)) return programIn(folder)
    removeOld()
    const aside = `${folder}.making`
    rmSync(aside, { recursive: true, force: true })
    await make(programIn(aside))
    renameSync(aside, folder)
    return programIn(folder)
  } finally {
    lock.release()
  }
}

const programIn = (folder: string): Program => ({
  backend: join(folder, 'backend.js'),
  conductor: join(folder, 'conductor.js'),
  compiled: join(folder, 'compiled'),
  home: join(folder, 'home'),
})

async function make(program: Program): Promise<void> {
  const entryPoints = {
    backend: join(import.meta.dirname, 'child.ts'),
    conductor: join(root, 'packages/conductor/src/main.ts'),
  }
  // It finds its WebAssembly beside its own code.
  const external = ['@electric-sql/pglite', ...compiled]
  await build({
    ...common,
    alias: unused,
    define: ownFolder,
    entryPoints,
    external,
    outdir: join(program.home, '..'),
    absWorkingDir: root,
  })
  mkdirSync(join(program.home, 'machines'), { recursive: true })
  const backend = await startBackend({ dataDir: program.home, databaseUrl: null, program })
  await backend?.end()
}

const keptMs = 86_400_000

/** One of another state may be in use just now by another run. */
function removeOld(): void {
  for (const entry of readdirSync(cache, { withFileTypes: true })) {
    const folder = join(cache, entry.name)
    if (entry.isDirectory() && Date.now() - statSync(folder).mtimeMs > keptMs) rmSync(folder, { recursive: true })
  }
}
