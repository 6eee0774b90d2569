import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { topics } from '../help.ts'
import { root } from '../testing.ts'
import { type KnownCommand, suggest } from './suggest.ts'

const manifest = JSON.parse(readFileSync(join(root, 'oclif.manifest.json'), 'utf8'))
const house = { commands: Object.values(manifest.commands) as KnownCommand[], topics }
const at = (...words: string[]) => suggest(house, words)
const values = (...words: string[]) => at(...words).candidates.map(({ value }) => value)

test('commands and topics, but none that is hidden', () => {
  expect(values('mach')).toEqual(['machine'])
  expect(values('')).toEqual(expect.arrayContaining(['ask', 'machine', 'run']))
  expect(values('')).not.toContain('complete')
  expect(at('mach').candidates[0]?.about).toBe(topics.machine.description)
})

test('the verbs of a noun, also of one that is a command itself, and after help', () => {
  expect(values('machine', 'st')).toEqual(['start', 'stop'])
  expect(values('login', '')).toEqual(expect.arrayContaining(['list', 'revoke']))
  expect(values('help', 'machine', 'st')).toEqual(['start', 'stop'])
})

test('flags, each once unless it may be repeated, with their negation and --help', () => {
  expect(values('ask', '--sess')).toEqual(['--session'])
  expect(values('ask', '--session', 'x', '--sess')).toEqual([])
  expect(values('ask', '--file', 'x', '--fil')).toEqual(['--file', '--files'])
  expect(values('ask', '--no-')).toEqual(['--no-files'])
  expect(values('whoami', '--h')).toEqual(['--help'])
})

test('the values of a closed set, behind a space, an equals sign and as bash splits it', () => {
  expect(values('provision', '--provider', 'h')).toEqual(['hostinger', 'hetzner', 'host'])
  expect(values('provision', '--provider=he')).toEqual(['--provider=hetzner'])
  expect(values('provision', '--provider', '=', 'he')).toEqual(['hetzner'])
  expect(values('provision', '--provider', '=')).toContain('hetzner')
  expect(values('completion', 'z')).toEqual(['zsh'])
})

test('names come from where they are known', () => {
  expect(at('ask', '--machine', 'o')).toMatchObject({ source: 'machine', before: '' })
  expect(at('ask', '--machine=o')).toMatchObject({ source: 'machine', before: '--machine=', current: 'o' })
  expect(at('machine', 'stop', '')).toMatchObject({ source: 'machine' })
  expect(at('ask', '--session', '')).toMatchObject({ source: 'session' })
  expect(at('ask', '-f', '')).toMatchObject({ source: 'files' })
})

test('behind -- stand the words of another program', () => {
  expect(at('run', '--', 'ls', '--js')).toEqual({ candidates: [], current: '--js', before: '', source: 'files' })
})

test('a flag with a value takes no place of an argument', () => {
  expect(at('machine', 'stop', '--server', 'x', '')).toMatchObject({ source: 'machine' })
  expect(at('machine', 'stop', 'otter', '')).not.toHaveProperty('source')
})

/** Catches a candidate that does not begin as the word does: a shell would replace what was typed. */
test('every candidate begins with the word at the cursor', () => {
  const words = fc.constantFrom(
    '',
    '-',
    '--',
    '--m',
    '--no-',
    'ask',
    'ma',
    'machine',
    'list',
    'run',
    '--provider',
    '=',
    'x',
  )
  fc.assert(
    fc.property(fc.array(words, { minLength: 1, maxLength: 5 }), all => {
      const { candidates, current } = suggest(house, all)
      for (const { value } of candidates) expect(value.startsWith(current)).toBe(true)
    }),
  )
})
