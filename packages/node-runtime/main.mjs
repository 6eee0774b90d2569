// What `npm start`, `npm test` and their like run. Needs nothing but Node 20, npm and git: it installs what is missing,
// finds a Node 24, and starts everything with that one. Plain JavaScript, because it runs before anything is installed.

import { join } from 'node:path'
import { install } from './install.mjs'
import { findNode } from './node.mjs'
import { run } from './run.mjs'

const root = join(import.meta.dirname, '../..')
const source = path => join(root, path)
const vitest = source('node_modules/vitest/vitest.mjs')
const vitestConfig = source('packages/workbench/vitest.config.ts')

/** Each verb is a list of steps; a step that fails ends the verb with its status. */
const verbs = {
  build: () => [build],
  start: args => [build, [source('bin/run.js'), 'up', ...args]],
  test: args => [
    build,
    [source('node_modules/@biomejs/biome/bin/biome'), 'check', '--error-on-warnings', '.'],
    [source('node_modules/typescript/bin/tsc'), '--noEmit'],
    [vitest, 'run', '--config', vitestConfig, ...args],
  ],
  'test:engines': args => [build, [vitest, 'run', '--config', vitestConfig, ...args]],
  bench: args => [build, [source('packages/workbench/src/bench/main.ts'), ...args]],
  soak: args => [build, [source('packages/workbench/src/crash/soak.ts'), ...args]],
  conformance: args => [[source('packages/providers/src/conformance/main.ts'), ...args]],
}
const build = [source('packages/workbench/src/build/main.ts')]

const [verb, ...args] = process.argv.slice(2)
const steps = verbs[verb]
if (!steps) {
  console.error(`There is no ${verb}. There are: ${Object.keys(verbs).join(', ')}`)
  process.exit(2)
}
await install(root)
const node = findNode(root)
const env = verb === 'test:engines' ? { SPOQ_TESTS: 'engines' } : {}
for (const step of steps(args)) {
  const status = await run(node, step, { cwd: process.cwd(), env })
  if (status !== 0) process.exit(status)
}
