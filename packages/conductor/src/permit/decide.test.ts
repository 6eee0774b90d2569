import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Case, decide } from './decide.ts'

const command = (text: string): Pick<Case, 'does' | 'subject'> => ({
  does: 'run',
  subject: { tool: 'run', kind: 'command', text },
})
const path = (does: 'edit' | 'look', text: string): Pick<Case, 'does' | 'subject'> => ({
  does,
  subject: { tool: does === 'edit' ? 'edit' : 'read', kind: 'path', text, real: text },
})
const usual: Omit<Case, 'does' | 'subject'> = {
  verdict: { say: 'fine' },
  mode: 'ask',
  isolated: true,
  rules: [],
  denies: false,
}
const says = (given: Pick<Case, 'does' | 'subject'> & Partial<Case>) => decide({ ...usual, ...given }).do

test.each([
  // mode, isolated: looking, editing, a command that looks, one that does
  ['plan', true, 'allow', 'deny', 'deny', 'deny'],
  ['ask', true, 'allow', 'ask', 'allow', 'ask'],
  ['auto-edit', true, 'allow', 'allow', 'allow', 'ask'],
  ['full', true, 'allow', 'allow', 'allow', 'allow'],
  ['plan', false, 'allow', 'deny', 'deny', 'deny'],
  ['ask', false, 'allow', 'ask', 'ask', 'ask'],
  ['auto-edit', false, 'allow', 'allow', 'ask', 'ask'],
  ['full', false, 'allow', 'allow', 'ask', 'ask'],
] as const)('mode %s, isolated %j', (mode, isolated, look, edit, looks, does) => {
  const here = { mode, isolated }
  expect([
    says({ ...path('look', 'a'), ...here }),
    says({ ...path('edit', 'a'), ...here }),
    says({ ...command('ls -la | head'), ...here }),
    says({ ...command('npm test'), ...here }),
  ]).toEqual([look, edit, looks, does])
})

test('a rule of a person allows a command also where nothing isolates it', () => {
  const rules = [{ effect: 'allow', rule: 'run(npm *)' }] as const
  expect(says({ ...command('npm test'), isolated: false, rules })).toBe('allow')
})

test('deny counts before ask, ask before allow, in whatever order they stand', () => {
  const [allow, ask, deny] = (['allow', 'ask', 'deny'] as const).map(effect => ({ effect, rule: 'run(npm *)' }))
  const all = [allow, ask, deny].filter(rule => rule !== undefined)
  const orders = [all, all.toReversed(), [...all.slice(1), ...all.slice(0, 1)]]
  for (const rules of orders) {
    expect(says({ ...command('npm test'), rules, mode: 'full' })).toBe('deny')
    expect(says({ ...command('npm test'), rules: rules.filter(rule => rule !== deny), mode: 'full' })).toBe('ask')
    expect(says({ ...command('npm test'), rules: rules.filter(({ effect }) => effect === 'allow') })).toBe('allow')
  }
})

test('--approve deny refuses whatever would be asked, also what another rule allows, and nothing else', () => {
  const rules = [{ effect: 'allow', rule: 'run(npm *)' }] as const
  expect(says({ ...command('npm test'), rules, denies: true })).toBe('deny')
  expect(says({ ...command('ls'), denies: true })).toBe('allow')
  expect(says({ ...path('look', 'a'), denies: true })).toBe('allow')
  expect(says({ ...path('edit', 'a'), denies: true })).toBe('deny')
})

test('plan mode holds against every rule that allows', () => {
  const rules = [
    { effect: 'allow', rule: 'run' },
    { effect: 'allow', rule: 'edit' },
  ] as const
  expect(says({ ...command('ls'), mode: 'plan', rules })).toBe('deny')
  expect(says({ ...path('edit', 'a'), mode: 'plan', rules })).toBe('deny')
})

// Catches: a rule looked at before the guard, a mode that skips it.
test('what the guard denies never runs, and what it asks about never without a person', () => {
  const effects = fc.constantFrom('allow' as const, 'ask' as const)
  const rules = fc.array(fc.record({ effect: effects, rule: fc.constantFrom('run', 'run(*)', 'run(x)', 'run(x *)') }))
  const given = fc.record({
    mode: fc.constantFrom('ask' as const, 'auto-edit' as const, 'full' as const),
    isolated: fc.boolean(),
    rules,
  })
  fc.assert(
    fc.property(given, here => {
      expect(says({ ...command('x'), ...here, verdict: { say: 'deny', why: '' } })).toBe('deny')
      const asked = decide({ ...usual, ...command('x'), ...here, verdict: { say: 'ask', why: '' } })
      expect(asked).toMatchObject({ do: 'ask', once: true })
    }),
  )
})

test('what could not be read asks in every mode, but where its very words are allowed', () => {
  const verdict = { say: 'unclear', why: '' } as const
  expect(says({ ...command('f() { x; }'), mode: 'full', verdict })).toBe('ask')
  const rules = (rule: string) => [{ effect: 'allow', rule }] as const
  expect(says({ ...command('f() { x; }'), verdict, rules: rules('run(f*)') })).toBe('ask')
  expect(says({ ...command('f() { x; }'), verdict, rules: rules('run(f() { x; })') })).toBe('allow')
})

test.each([
  'sed -i s/a/b/ x',
  'cat x > y',
  'A=b ls',
  './ls',
  'ls $(touch x)',
  'ls; touch x',
  'find . -delete',
  'grep x | sh',
  'sudo ls',
  'git log',
  '',
])('%j is no command that only looks', text => expect(says(command(text))).toBe('ask'))
