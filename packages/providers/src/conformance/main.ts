// npm run conformance -- PROVIDER: the suite against one provider, at the address and with the key that the
// environment names.

import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { exitStatus } from '@spoq/contracts/problem'

const root = resolve(import.meta.dirname, '../../../..')
const providers = resolve(import.meta.dirname, '..')
/** A provider is known by the test that runs the suite against it. */
const tests = globSync('*/conformance{,.engine}.test.ts', { cwd: providers })
const known = tests.map(dirname).sort()

const [provider] = process.argv.slice(2)
process.exitCode = provider && known.includes(provider) ? run(provider) : unknown(provider)

function unknown(name: string | undefined): number {
  console.error(name ? `There is no provider ${name}.` : 'Which provider?')
  console.error(`Name one of: ${known.join(', ')}`)
  return exitStatus.usage
}

function run(name: string): number {
  const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs')
  const test = String(tests.find(path => dirname(path) === name))
  const config = join(root, 'packages/workbench/vitest.config.ts')
  const { status } = spawnSync(process.execPath, [vitest, 'run', '--config', config, join(providers, test)], {
    stdio: 'inherit',
    env: { ...process.env, SPOQ_CONFORMANCE: name, ...(test.includes('.engine.') ? { SPOQ_TESTS: 'engines' } : {}) },
  })
  return status ?? exitStatus.failed
}
