#!/usr/bin/env node
// Starts the command line. CommonJS and next to no code: an ES module as the entry, or one more file to read, would cost
// a fifth of a bare start of Node.

const { existsSync } = require('node:fs')
const { join } = require('node:path')

const root = join(__dirname, '..')
const oldestNode = 22

if (Number(process.versions.node.split('.', 1)[0]) < oldestNode) startWithNewerNode()
else if (process.argv[2] === '--version' && process.argv.length === 3) printVersion()
else start()

function printVersion() {
  const name = /^sparebox/.test(require('node:path').basename(process.argv[1])) ? 'sparebox' : 'spoq'
  const { version } = require('../package.json')
  console.log(`${name}/${version} ${process.platform}-${process.arch} node-${process.version}`)
}

function start() {
  const bundle = join(root, 'packages/cli/dist/main.js')
  // Under /proc the cache looks for a place for ever.
  if (!__dirname.startsWith('/proc/')) require('node:module').enableCompileCache?.(cacheFolder())
  import(existsSync(bundle) ? bundle : join(root, 'packages/cli/src/main.ts'))
}

/** Of this user alone: compiled code that somebody else could have written must never be loaded. */
function cacheFolder() {
  return join(process.env.XDG_CACHE_HOME || join(require('node:os').homedir(), '.cache'), 'spoq')
}

/** In a checkout the install brings a Node of its own; the system's may be too old to run what is there. */
async function startWithNewerNode() {
  const runtime = join(root, 'packages/node-runtime')
  if (!existsSync(runtime)) {
    console.error(`Spoq needs Node ${oldestNode}.22 or newer; this is ${process.version}.`)
    console.error('Install a newer one, then run the same command again.')
    process.exit(2)
  }
  const [{ findNode }, { run }] = await Promise.all([import(`${runtime}/node.mjs`), import(`${runtime}/run.mjs`)])
  const args = [process.argv[1], ...process.argv.slice(2)]
  process.exitCode = await run(findNode(root), args, { cwd: process.cwd(), env: {} })
}
