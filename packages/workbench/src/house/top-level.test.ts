import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { exitStatus } from '@spoq/contracts/problem'
import { expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../../../..')
const tracked = () => execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' }).trim().split('\n')

const agreed = [
  'packages',
  'bin',
  'server',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'oclif.manifest.json',
  'install.sh',
  'README.md',
  'LICENSE',
]

test('the top level holds what was agreed, and dotfiles', () => {
  const top = new Set(tracked().map(path => path.split('/')[0] ?? ''))
  expect([...top].filter(name => !name.startsWith('.') && !agreed.includes(name))).toEqual([])
})

test('every package has a README', () => {
  const packages = new Set(tracked().flatMap(path => /^(packages\/[^/]+|server)\//.exec(path)?.[1] ?? []))
  expect([...packages].filter(folder => !existsSync(resolve(root, folder, 'README.md')))).toEqual([])
})

test('the README lists each exit status', () => {
  const readme = readFileSync(resolve(root, 'README.md'), 'utf8')
  const listed = [...readme.matchAll(/^\|\s*(\d+)\s*\|/gm)].map(([, status]) => Number(status))
  expect(listed).toEqual(Object.values(exitStatus))
})
