import type { LanguageModelV4Prompt } from '@ai-sdk/provider'
import { expect, test } from 'vitest'
import { demoReply } from './demo-script.ts'

const laptop = ['client_read', 'client_glob', 'client_grep', 'read', 'glob', 'grep', 'edit', 'run']
const machine = ['read', 'glob', 'grep', 'edit', 'run']

type Answers = Record<string, { output: string; failed?: boolean }>

/** Plays the script to its end, each tool answering as given. */
function play(question: string, tools: readonly string[], answers: Answers = {}) {
  const prompt: LanguageModelV4Prompt = [{ role: 'user', content: [{ type: 'text', text: question }] }]
  const called: [string, object][] = []
  for (;;) {
    const { text, calls = [] } = demoReply(prompt, tools)
    if (text) return { called, text: [...text].join('') }
    called.push(...calls.map(({ tool, input }): [string, object] => [tool, input]))
    prompt.push({
      role: 'assistant',
      content: calls.map(({ id, tool, input }) => ({ type: 'tool-call', toolCallId: id, toolName: tool, input })),
    })
    prompt.push({
      role: 'tool',
      content: calls.map(({ id, tool }) => {
        const { output: value = '', failed = false } = answers[tool] ?? {}
        const type = failed ? 'error-text' : 'text'
        return { type: 'tool-result', toolCallId: id, toolName: tool, output: { type, value } }
      }),
    })
  }
}

test('with a laptop it looks at its files and asks the machine something', () => {
  const { called, text } = play('what is this?', laptop, {
    client_glob: { output: 'src/deep/README.md\npackage.json\nREADME.md\n(2 more)' },
    client_read: { output: '# Tea\n\nBrews tea on time.\n' },
    run: { output: 'Linux 6.18\n[exit status 0]' },
  })
  expect(called).toEqual([
    ['client_glob', { pattern: '**/*' }],
    ['client_read', { path: 'README.md' }],
    ['run', { command: 'uname -sr' }],
  ])
  expect(text).toMatch(/^\[demo: scripted, not AI\] /)
  expect(text).toContain('The files on your computer: src/deep/README.md, package.json, README.md.')
  expect(text).toContain('by its README.md: "Tea: Brews tea on time."')
  expect(text).toContain('`uname -sr` and answered: Linux 6.18')
})

test('without a laptop it looks at the machine, and a package tells by its own words', () => {
  const { called, text } = play('what is this?', machine, {
    glob: { output: 'package.json' },
    read: { output: '{\n  "name": "tea",\n  "description": "Brews."\n}' },
    run: { output: 'Linux' },
  })
  expect(called.map(([tool]) => tool)).toEqual(['glob', 'read', 'run'])
  expect(text).toContain('by its package.json: "tea: Brews."')
})

test('what was denied or failed it says', () => {
  const { text } = play('what is this?', laptop, {
    client_glob: { output: 'client_away: The computer that asked is away.', failed: true },
    run: { output: 'Denied by the person.', failed: true },
  })
  expect(text).toContain('I could not use glob on your computer: client_away')
  expect(text).toContain('I could not use run on the machine: Denied by the person.')
})

test('a folder without files, and no tools at all, are said as they are', () => {
  expect(play('q', machine, { glob: { output: '' } }).text).toContain('There are no files on the machine.')
  expect(play('q', []).text).toContain('I have no tools here')
})

test('"run: COMMAND" runs that command alone', () => {
  const { called, text } = play('run: npm test', laptop, { run: { output: '3 passed\n[exit status 1]' } })
  expect(called).toEqual([['run', { command: 'npm test' }]])
  expect(text).toBe('[demo: scripted, not AI] The machine ran `npm test` and answered: 3 passed\n[exit status 1]')
})

test('a second question in a conversation is looked into anew', () => {
  const before: LanguageModelV4Prompt = [
    { role: 'user', content: [{ type: 'text', text: 'run: ls' }] },
    { role: 'assistant', content: [{ type: 'tool-call', toolCallId: 'a', toolName: 'run', input: { command: 'ls' } }] },
    {
      role: 'tool',
      content: [{ type: 'tool-result', toolCallId: 'a', toolName: 'run', output: { type: 'text', value: 'x' } }],
    },
    { role: 'user', content: [{ type: 'text', text: 'run: pwd' }] },
  ]
  expect(demoReply(before, machine).calls).toMatchObject([{ tool: 'run', input: { command: 'pwd' } }])
})
