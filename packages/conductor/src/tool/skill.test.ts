import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type OpenAi, type Reply, startOpenAi } from '@spoq/workbench/stand-ins/openai'
import { expect, onTestFinished, test } from 'vitest'
import { askAndRead, machineFolder, overLocal, startMachine, useModel } from '../testing/machine.ts'

async function machine(replies: readonly Reply[], files: Record<string, string>) {
  const folder = machineFolder()
  const workspace = join(folder, 'workspace')
  mkdirSync(workspace)
  const model = useModel(folder, await startOpenAi(replies))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(workspace, path)), { recursive: true })
    writeFileSync(join(workspace, path), text)
  }
  return { workspace, model, target: overLocal((await startMachine(folder)).socket) }
}

const skill = (name: string, description = `For ${name}.`) =>
  `---\nname: ${name}\ndescription: ${description}\n---\n\n# Steps\n\nBODY of ${name}\n`
const open = (name: string): Reply => ({ calls: [{ name: 'skill', input: { name } }] })
const done: Reply = { pieces: ['Done.'] }
const told = ({ asked }: OpenAi) => String(asked[0]?.body.messages[0]?.content)
const tools = ({ asked }: OpenAi) => asked[0]?.body.tools?.map(one => one.function.name)
const result = ({ asked }: OpenAi, index: number) => asked[index]?.body.messages.at(-1)?.content

test('a skill is told by its name and description alone; opened, it gives its text and lists its files, which read opens', async () => {
  const reading: Reply = { calls: [{ name: 'read', input: { path: '.agents/skills/tea/scripts/brew.sh' } }] }
  const { target, model } = await machine([open('tea'), reading, done], {
    '.agents/skills/tea/SKILL.md': skill('tea', 'Makes tea: when the person is thirsty'),
    '.agents/skills/tea/scripts/brew.sh': 'boil',
    '.gitignore': '.agents\n',
  })
  const { events } = await askAndRead(target, { question: 'q' })
  expect(told(model)).toContain('\n- tea: Makes tea: when the person is thirsty')
  expect(told(model)).not.toContain('BODY')
  expect(tools(model)).toContain('skill')
  expect(result(model, 1)).toBe('# Steps\n\nBODY of tea\n\nIts files:\n.agents/skills/tea/scripts/brew.sh')
  expect(result(model, 2)).toBe('boil')
  expect(events.find(event => event.type === 'instructions.read')).toMatchObject({ skills: ['tea'], notes: [] })
})

test('without skills there is no such tool, and nothing is said', async () => {
  const { target, model } = await machine([done], {})
  const { events } = await askAndRead(target, { question: 'q' })
  expect(tools(model)).not.toContain('skill')
  expect(events.some(event => event.type === 'instructions.read')).toBe(false)
})

test('a skill that cannot be understood is left out and told; the others are there', async () => {
  const { target, model } = await machine([done], {
    '.agents/skills/bad/SKILL.md': 'no fields at all',
    '.agents/skills/good/SKILL.md': skill('good'),
    '.agents/skills/renamed/SKILL.md': skill('good'),
    '.agents/skills/good/nested/SKILL.md': skill('nested'),
  })
  const { events } = await askAndRead(target, { question: 'q' })
  expect(events.find(event => event.type === 'instructions.read')).toMatchObject({
    skills: ['good'],
    notes: [
      '.agents/skills/bad/SKILL.md is left out: it does not begin with fields between two lines of ---.',
      '.agents/skills/renamed/SKILL.md is left out: its name good is not that of its folder.',
    ],
  })
  expect(told(model)).not.toContain('nested')
})

test('more skills than can be told are counted, and the first are there', async () => {
  const names = Array.from({ length: 70 }, (_, index) => `s${String(index).padStart(2, '0')}`)
  const { target } = await machine(
    [done],
    Object.fromEntries(names.map(name => [`.agents/skills/${name}/SKILL.md`, skill(name)])),
  )
  const { events } = await askAndRead(target, { question: 'q' })
  expect(events.find(event => event.type === 'instructions.read')).toMatchObject({
    skills: names.slice(0, 64),
    notes: ['.agents/skills holds 70 skills: 6 are left out.'],
  })
})

test('nothing outside of the workspace is a skill, and no name leads to one', async () => {
  const outside = mkdtempSync(join(tmpdir(), 'spoq-outside-'))
  onTestFinished(() => rmSync(outside, { recursive: true }))
  mkdirSync(join(outside, 'evil'))
  writeFileSync(join(outside, 'evil', 'SKILL.md'), skill('evil', 'OUTSIDE'))
  const { target, model, workspace } = await machine([open('evil'), open('../evil'), open('none'), done], {
    '.agents/skills/good/SKILL.md': skill('good'),
  })
  symlinkSync(join(outside, 'evil'), join(workspace, '.agents/skills/evil'))
  await askAndRead(target, { question: 'q' })
  expect(JSON.stringify(model.asked)).not.toContain('OUTSIDE')
  expect(result(model, 1)).toContain('leads out of the folder')
  expect(result(model, 2)).toContain('The input is not valid')
  expect(result(model, 3)).toBe('there is no skill none')
})
