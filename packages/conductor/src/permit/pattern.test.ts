// biome-ignore-all lint/suspicious/noTemplateCurlyInString: a shell's own variables are meant

import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { allows, allowsExactly, concerns, escapedPattern, type Subject } from './pattern.ts'
import { suggestRule } from './suggest.ts'

const run = (text: string): Subject => ({ tool: 'run', kind: 'command', text })
const edit = (text: string, real: string | null = text): Subject => ({ tool: 'edit', kind: 'path', text, real })
const press = (text: string): Subject => ({ tool: 'press', kind: 'text', text })

test.each([
  ['run', 'ls; rm x'],
  ['run(*)', 'ls; rm x'],
  ['run(npm *)', 'npm test'],
  ['run(npm *)', 'npm'],
  ['run(npm test *)', 'npm test'],
  ['run(npm *)', 'npm test && npm run lint'],
  ['run(npm *)', 'npm test 2>&1'],
  ['run(npm *)', 'npm test >/dev/null 2>&1; npm x'],
  ['run(npm * -- *)', 'npm run build -- --fast'],
  ['run(make *b)', 'make a b'],
  ['run(make a && make b)', 'make a && make b'],
  ['run(echo (x))', 'echo (x)'],
  ['run(ls \\*.ts)', 'ls *.ts'],
  ['run(a\\\\b)', 'a\\b'],
])('%s allows %j', (rule, text) => expect(allows(rule, run(text))).toBe(true))

test.each([
  ['run(npm *)', 'yarn test'],
  ['run(npm *)', 'xnpm test'],
  ['run(npm *)', 'npmx'],
  ['run(npm test *)', 'npm testing'],
  ['run(npm test)', 'npm test x'],
  ['run(ab*b)', 'ab'],
  ['run(make a && *)', 'make a && make b'],
  ['run(ls \\*.ts)', 'ls a.ts'],
  ['edit', 'ls'],
  ['run()', 'ls'],
  ['run(', 'ls'],
  ['Run', 'ls'],
  ['run ls', 'ls'],
  ['run(npm *)', 'npm x; rm -rf ~'],
  ['run(npm *)', 'npm x\nrm -rf ~'],
  ['run(npm *)', 'npm x & rm -rf ~'],
  ['run(npm *)', 'npm x | sh'],
  ['run(npm *)', 'npm $(rm -rf ~)'],
  ['run(npm *)', 'npm `rm -rf ~`'],
  ['run(npm *)', 'npm "$(rm -rf ~)"'],
  ['run(npm *)', 'npm ${x:-y}'],
  ['run(npm *)', 'npm x > ~/.profile'],
  ['run(npm *)', 'npm x < /etc/passwd'],
  ['run(npm *)', 'npm x >/dev/nullx; npm y'],
  ['run(npm *)', 'npm <(rm x)'],
  ['run(npm *)', 'npm x\\\n; rm y'],
  ['run(npm *)', 'npm() { rm x; }'],
  ['run(npm *)', "npm 'x; rm y'"],
  ['run(npm *)', 'PATH=. npm x'],
])('%s does not allow %j', (rule, text) => expect(allows(rule, run(text))).toBe(false))

test.each([
  ['edit(src/*)', 'src/a.ts', 'src/a.ts', true],
  ['edit(src/*)', './src/a.ts', 'src/a.ts', true],
  ['edit(src/*)', 'src//deep/a.ts', 'src/deep/a.ts', true],
  ['edit', 'src/a.ts', 'src/a.ts', true],
  ['edit(src/*)', 'src/../../x', null, false],
  ['edit(src/*)', 'src/../x', 'x', false],
  ['edit(src/*)', 'src/link/x', null, false],
  ['edit(src/*)', 'src/link/x', 'other/x', false],
  ['edit(src/*)', 'other/link/x', 'src/x', false],
  ['edit(src/*)', '/src/x', null, false],
  ['edit(src/*)', 'srcx/a', 'srcx/a', false],
  ['edit', '../x', null, false],
  ['edit(*)', 'link/x', null, false],
])('%s with %j, which is really %j: %j', (rule, text, real, expected) =>
  expect(allows(rule, edit(text, real))).toBe(expected),
)

test.each([
  ['run(rm *)', 'rm -rf x'],
  ['run(rm *)', 'ls; rm x'],
  ['run(rm *)', 'ls && sudo rm x'],
  ['run(rm *)', `"rm" x`],
  ['run(rm *)', `r''m x`],
  ['run(rm *)', '/bin/rm x'],
  ['run(rm *)', 'echo $(rm x)'],
  ['run(rm *)', 'A=b rm x'],
  ['run(*secret*)', 'cat a/secret.txt'],
  ['run', 'ls'],
])('as a rule that denies, %s is about %j', (rule, text) => expect(concerns(rule, run(text))).toBe(true))

test('as a rule that denies, a path counts in any way to write it, and as what it really is', () => {
  for (const [text, real] of [
    ['keys/a', 'keys/a'],
    ['./keys//a', 'keys/a'],
    ['x/../keys/a', null],
    ['KEYS/a', 'KEYS/a'],
    ['link', 'keys/a'],
  ] as const)
    expect(concerns('read(keys/*)', { tool: 'read', kind: 'path', text, real }), text).toBe(true)
  expect(concerns('read(keys/*)', { tool: 'read', kind: 'path', text: 'other/a', real: 'other/a' })).toBe(false)
})

test('what could not be read is allowed by its very words alone, or by a rule for everything', () => {
  const unclear = 'case x in x) y;; esac'
  expect(allowsExactly(`run(${unclear})`, run(unclear))).toBe(true)
  expect(allowsExactly('run', run(unclear))).toBe(true)
  expect(allowsExactly('run(case *)', run(unclear))).toBe(false)
})

// Catches, in `stand`: pieces that overlap, a piece searched from the beginning, greedy matching that cannot go back; in
// `fits`: a short form without its space, or for a star that stands elsewhere.
test('a pattern matches as a regular expression of it would', () => {
  const unit = (...units: string[]) => fc.string({ unit: fc.constantFrom(...units), minLength: 1, maxLength: 8 })
  fc.assert(
    fc.property(unit('a', 'b', '*', ' ', '.'), unit('a', 'b', ' ', '.'), (pattern, text) => {
      const source = pattern.replaceAll('.', '\\.').replaceAll('*', '.*')
      const expression = source.replace(/^(.*) \.\*$/, '$1(?: .*)?')
      expect(allows(`press(${pattern})`, press(text))).toBe(new RegExp(`^${expression}$`).test(text))
    }),
    { numRuns: 5000 },
  )
})

// Catches: an escape that is missing for a star or a backslash, and one too many.
test('a suggested rule allows the call it was suggested for, or none; an exact one nothing else', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), (text, other) => {
      expect(allows(`press(${escapedPattern(text)})`, press(text))).toBe(true)
      if (other !== text) expect(allows(`press(${escapedPattern(text)})`, press(other))).toBe(false)
      expect(allows(suggestRule(run(text)), run(text))).toBe(true)
    }),
    { numRuns: 3000 },
  )
})

test.each([
  ['npm test', 'run(npm test *)'],
  ['npm test -- --watch', 'run(npm test *)'],
  ['npm run build', 'run(npm run build *)'],
  ['npx eslint .', 'run(npx eslint .)'],
  ['npm exec x', 'run(npm exec x)'],
  ['git status', 'run(git status *)'],
  ['git config core.pager x', 'run(git config core.pager x)'],
  ['git -C x push', 'run(git -C x push)'],
  ['node x.js', 'run(node x.js)'],
  ['ls *.ts', 'run(ls \\*.ts)'],
  ['npm test && rm x', 'run(npm test && rm x)'],
])('for %j the rule %s is offered', (text, rule) => expect(suggestRule(run(text))).toBe(rule))

test('for a file its folder is offered', () => {
  expect(suggestRule(edit('src/deep/a.ts'))).toBe('edit(src/deep/*)')
  expect(suggestRule(edit('README.md'))).toBe('edit(README.md)')
  expect(suggestRule(press('x'.repeat(5000)))).toBe('')
})

// The real shell is the judge. Catches a sign that is missing in `computed` or in the cuts of `commandsIn`, and a
// redirection taken for harmless that is not.
test('what `run(npm *)` lets through starts npm and nothing else, whatever signs are in it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'spoq-rule-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'npm'), '#!/bin/sh\n')
  writeFileSync(join(folder, 'evil'), `#!/bin/sh\n: > ${folder}/done\n`)
  for (const name of ['npm', 'evil']) chmodSync(join(folder, name), 0o755)
  const signs =
    'evil npm npm evil x " \' \\ ; & | && || $( ) ` < > >> >/dev/null 2>&1 &>/dev/null { } ( # ! = ~ * $x $IFS'.split(
      ' ',
    )
  const line = fc.array(fc.constantFrom(...signs, ' ', ' ', '\n', '\r', '\t'), { minLength: 1, maxLength: 9 })
  let ran = 0
  fc.assert(
    fc.property(line, pieces => {
      const text = `npm ${pieces.join('')}`
      if (!allows('run(npm *)', run(text))) return
      ran += 1
      // What the run before left would have a shorter line take the blame.
      rmSync(join(folder, 'done'), { force: true })
      spawnSync('/bin/sh', ['-c', text], { cwd: folder, env: { PATH: folder }, timeout: 5000, stdio: 'ignore' })
      expect(readdirSync(folder).toSorted(), JSON.stringify(text)).toEqual(['evil', 'npm'])
    }),
    { numRuns: 3000 },
  )
  expect(ran).toBeGreaterThan(100)
})
