import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { unifiedDiff } from './diff.ts'

test('a change is shown with three lines around it', () => {
  const before = '1\n2\n3\n4\n5\n6\n7\n8\n9\n'
  expect(unifiedDiff('a.txt', before, before.replace('5', 'five'))).toBe(
    '--- a/a.txt\n+++ b/a.txt\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n',
  )
})

test('a new file is all added, a missing end of line is told', () => {
  expect(unifiedDiff('a', null, 'x')).toBe(
    '--- /dev/null\n+++ b/a\n@@ -0,0 +1,1 @@\n+x\n\\ No newline at end of file\n',
  )
})

test('a long diff is cut, and says how much is left out', () => {
  const diff = unifiedDiff('a', null, 'line\n'.repeat(10_000))
  expect(diff.length).toBeLessThan(17_000)
  expect(diff).toMatch(/\+line\n\[\d+ lines left out\]\n$/)
})

// git is the judge. Catches a wrong first line or count, a context line too many, and a last line without its end.
test('git makes the new text of the old one and the diff', () => {
  const folder = mkdtempSync(join(tmpdir(), 'spoq-diff-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const text = fc.array(fc.constantFrom('a', 'b', 'c', '\n', '\n'), { maxLength: 14 }).map(parts => parts.join(''))
  fc.assert(
    fc.property(text, text, (before, after) => {
      if (before === after || before === '' || after === '') return
      writeFileSync(join(folder, 'f'), before)
      const input = unifiedDiff('f', before, after)
      execFileSync('git', ['apply', '--unidiff-zero', '-'], { cwd: folder, input, stdio: ['pipe', 'ignore', 'pipe'] })
      expect(readFileSync(join(folder, 'f'), 'utf8')).toBe(after)
    }),
    { numRuns: 60 },
  )
})
