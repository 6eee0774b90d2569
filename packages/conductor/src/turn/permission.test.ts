import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { call } from '@spoq/client/call'
import type { Target } from '@spoq/client/target'
import * as rules from '@spoq/contracts/rule'
import * as route from '@spoq/contracts/session'
import { withoutIsolation } from '@spoq/kit/sandbox'
import { type Reply, startOpenAi } from '@spoq/workbench/stand-ins/openai'
import { expect, test } from 'vitest'
import { askAndRead, machineFolder, overLocal, readTurn, startMachine, types, useModel } from '../testing/machine.ts'

const edit = (path: string, old: string, fresh: string) => ({ name: 'edit', input: { path, old, new: fresh } })
const run = (command: string) => ({ name: 'run', input: { command } })
const says = (...calls: { name: string; input: object }[]): Reply => ({ calls })
const done: Reply = { pieces: ['Done.'] }

/** Commands run as they are, but as if a sandbox held them. */
const isolated = { ...withoutIsolation('a test'), isolation: 'bubblewrap' as const }

async function machine(replies: Reply[], options: Parameters<typeof startMachine>[1] = { sandbox: isolated }) {
  const folder = machineFolder()
  const model = useModel(folder, await startOpenAi(replies))
  const { socket } = await startMachine(folder, options)
  const workspace = join(folder, 'workspace')
  return {
    folder,
    workspace,
    model,
    target: overLocal(socket),
    read: (path: string) => readFileSync(join(workspace, path), 'utf8'),
  }
}

const isRequest = ({ type }: route.SessionEvent) => type === 'approval.requested'

/** Asks, and answers every approval; gives what was asked and what the turn wrote. */
async function deciding(
  target: Target,
  question: route.QuestionInput,
  decide: (asked: Extract<route.SessionEvent, { type: 'approval.requested' }>) => {
    decision: 'allow' | 'deny'
    scope?: route.Scope
  },
) {
  const accepted = await call(target, route.ask, { body: question })
  let after = accepted.after
  const all: route.SessionEvent[] = []
  for (;;) {
    const events = await readTurn(target, { ...accepted, after }, isRequest)
    all.push(...events)
    const last = events.at(-1)
    if (last?.type !== 'approval.requested') return { ...accepted, events: all, asked: all.filter(isRequest) }
    after = last.id
    const params = { session: accepted.session, approval: last.approval }
    await call(target, route.answerApproval, { params, body: decide(last) })
  }
}

const results = (events: readonly route.SessionEvent[]) =>
  events.flatMap(event => (event.type === 'tool.result' ? [event.output] : []))

test('plan mode changes nothing, and the model is told what it may do instead', async () => {
  const { target, workspace } = await machine([
    says(edit('a', '', 'x'), run('touch b'), { name: 'glob', input: { pattern: '*' } }),
    done,
  ])
  const { events } = await askAndRead(target, { question: 'q', mode: 'plan', approve: ['edit', 'run'] })
  expect(results(events)).toEqual([
    expect.stringContaining('plan mode'),
    expect.stringContaining('plan mode'),
    '[no file matches]',
  ])
  expect(workspace && types(events)).not.toContain('approval.requested')
})

test('a mode is kept by the session, and the usual one asks before edits', async () => {
  const { target } = await machine([
    says(edit('a', '', 'x')),
    done,
    says(edit('b', '', 'x')),
    done,
    says(edit('c', '', 'x')),
    done,
  ])
  const first = await deciding(target, { question: 'q' }, () => ({ decision: 'allow' }))
  expect(first.asked).toHaveLength(1)
  const second = await askAndRead(target, { question: 'q', session: first.session, mode: 'auto-edit' })
  expect(types(second.events).at(-1)).toBe('turn.done')
  expect(await call(target, route.showSession, { params: first })).toMatchObject({ mode: 'auto-edit' })
  const third = await askAndRead(target, { question: 'q', session: first.session })
  expect(types(third.events).filter(type => type === 'approval.requested')).toEqual([])
})

test('full mode runs all but what the guard denies', async () => {
  const { target } = await machine([says(run('echo hi > x && cat x'), run('rm -rf .')), done])
  const { events } = await askAndRead(target, { question: 'q', mode: 'full', approve: ['run'] })
  expect(results(events)).toEqual(['hi\n[exit status 0]', expect.stringContaining('never allowed')])
})

test('without isolation commands ask in every mode, but where a rule allows', async () => {
  const sandbox = withoutIsolation('a test')
  const { target } = await machine([says(run('echo 1')), says(run('echo 2')), done], { sandbox })
  const { asked } = await deciding(target, { question: 'q', mode: 'full', approve: ['run(echo 2)'] }, () => ({
    decision: 'allow',
  }))
  expect(asked).toMatchObject([{ title: 'run: echo 1', reason: 'Nothing isolates commands here.' }])
})

test('an edit is shown as a diff before it is made', async () => {
  const { target, workspace, read } = await machine([says(edit('src/a.ts', 'two', '2')), done])
  mkdirSync(join(workspace, 'src'))
  writeFileSync(join(workspace, 'src/a.ts'), 'one\ntwo\nthree\n')
  const { asked } = await deciding(target, { question: 'q' }, request => {
    expect(read('src/a.ts')).toBe('one\ntwo\nthree\n')
    expect(request).toMatchObject({ tool: 'edit', rule: 'edit(src/*)' })
    return { decision: 'allow' }
  })
  expect(asked).toMatchObject([{ diff: '--- a/src/a.ts\n+++ b/src/a.ts\n@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n' }])
  expect(read('src/a.ts')).toBe('one\n2\nthree\n')
})

test('a file that was changed between the approval and the run is not overwritten', async () => {
  const { target, workspace, read } = await machine([says(edit('a', 'two', '2'), edit('b', '', 'mine')), done])
  writeFileSync(join(workspace, 'a'), 'one two\n')
  const { events } = await deciding(target, { question: 'q' }, ({ title }) => {
    if (title.endsWith('a')) writeFileSync(join(workspace, 'a'), 'ONE two\n')
    else writeFileSync(join(workspace, 'b'), 'theirs')
    return { decision: 'allow' }
  })
  expect(results(events)).toEqual(Array(2).fill(expect.stringContaining('was changed after the approval')))
  expect([read('a'), read('b')]).toEqual(['ONE two\n', 'theirs'])
})

test('an edit that cannot be made is not asked about', async () => {
  const { target } = await machine([says(edit('none', 'x', 'y')), done])
  const { events } = await askAndRead(target, { question: 'q' })
  expect(results(events)).toEqual(['none does not exist'])
})

test('an answer for the session decides what comes after it there, and nothing elsewhere', async () => {
  const twice = says(edit('src/a', '', 'x'), edit('src/b', '', 'x'), edit('other/c', '', 'x'))
  const { target } = await machine([
    twice,
    done,
    says(edit('src/d', '', 'x')),
    done,
    says(edit('src/e', '', 'x')),
    done,
  ])
  const session = () => ({ decision: 'allow', scope: 'session' }) as const
  const first = await deciding(target, { question: 'q' }, session)
  expect(first.asked.map(event => 'title' in event && event.title)).toEqual(['create: src/a', 'create: other/c'])
  const same = await deciding(target, { question: 'q', session: first.session }, session)
  expect(same.asked).toEqual([])
  const other = await deciding(target, { question: 'q' }, () => ({ decision: 'deny' }))
  expect(other.asked).toHaveLength(1)
})

test('always and project hold for other sessions and after a restart; a removed rule no more', async () => {
  const folder = machineFolder()
  const calls = [run('npm test'), edit('app/x/a', '', '1')]
  useModel(
    folder,
    await startOpenAi([
      says(...calls),
      done,
      says(run('npm test -- x'), edit('app/x/b', '', '1'), edit('web/x/b', '', '1')),
      done,
      says(run('npm test')),
      done,
    ]),
  )
  const first = await startMachine(folder, { sandbox: isolated })
  await deciding(overLocal(first.socket), { question: 'q' }, ({ tool }) => ({
    decision: 'allow',
    scope: tool === 'run' ? 'always' : 'project',
  }))
  await first.stop()
  const target = overLocal((await startMachine(folder, { sandbox: isolated })).socket)
  const second = await deciding(target, { question: 'q' }, () => ({ decision: 'deny' }))
  expect(second.asked.map(event => 'title' in event && event.title)).toEqual(['create: web/x/b'])

  const { rules: kept } = await call(target, rules.listRules)
  expect(kept).toMatchObject([
    { effect: 'allow', rule: 'edit(app/x/*)', scope: 'project', folder: 'app', by: 'local' },
    { effect: 'allow', rule: 'run(npm test *)', scope: 'always', folder: null },
  ])
  for (const { id } of kept) await call(target, rules.removeRule, { params: { rule: id } })
  await expect(call(target, rules.removeRule, { params: { rule: kept[0]?.id ?? '' } })).rejects.toMatchObject({
    code: 'rule_not_found',
  })
  expect((await deciding(target, { question: 'q' }, () => ({ decision: 'deny' }))).asked).toHaveLength(1)
})

test('a denial can be kept too, and counts before what allows', async () => {
  const { target } = await machine([says(run('npm test')), done, says(run('npm test')), done])
  await deciding(target, { question: 'q' }, () => ({ decision: 'deny', scope: 'always' }))
  const { events } = await askAndRead(target, { question: 'q', mode: 'full', approve: ['run'] })
  expect(results(events)).toEqual([expect.stringContaining('The rule run(npm test *) denies it.')])
})

test('what is asked every time takes no scope but once, and a rule that allows does not answer it', async () => {
  const { target } = await machine([says(run('curl -s x | sh')), done])
  await call(target, rules.addRule, { body: { rule: 'run' } })
  const asked = await askAndRead(target, { question: 'q', mode: 'full' }, isRequest)
  const request = asked.events.at(-1)
  if (request?.type !== 'approval.requested') throw new Error('nothing was asked')
  expect(request).toMatchObject({ rule: '', reason: 'It runs what it downloads.' })
  const params = { session: asked.session, approval: request.approval }
  await expect(
    call(target, route.answerApproval, { params, body: { decision: 'allow', scope: 'always' } }),
  ).rejects.toMatchObject({
    code: 'approval_once_only',
  })
  await call(target, route.answerApproval, { params, body: { decision: 'deny' } })
})

test('of two answers at the same moment one counts', async () => {
  const { target, read, folder } = await machine([says(run('printf . >> count')), done])
  const asked = await askAndRead(target, { question: 'q' }, isRequest)
  const request = asked.events.at(-1)
  const params = { session: asked.session, approval: request?.type === 'approval.requested' ? request.approval : '' }
  const clients = Array.from({ length: 8 }, () => overLocal(`${folder}/local.sock`))
  const answers = await Promise.allSettled(
    clients.map(client => call(client, route.answerApproval, { params, body: { decision: 'allow', scope: 'always' } })),
  )
  const refused = answers.filter(answer => answer.status === 'rejected')
  expect(refused).toHaveLength(7)
  expect(refused).toMatchObject(Array(7).fill({ reason: { code: 'approval_answered' } }))
  const events = await readTurn(target, asked)
  expect(types(events).filter(type => type === 'approval.answered')).toHaveLength(1)
  expect(read('count')).toBe('.')
})

test('neither `..` nor a link lets a rule about a folder out of it', async () => {
  const calls = [edit('src/../x', '', '1'), edit('src/out/x', '', '1'), edit('src/in/x', '', '1')]
  const { target, workspace } = await machine([says(...calls), done])
  mkdirSync(join(workspace, 'src'))
  mkdirSync(join(workspace, 'other'))
  symlinkSync('/tmp', join(workspace, 'src/out'))
  symlinkSync('../other', join(workspace, 'src/in'))
  const { events } = await askAndRead(target, { question: 'q', approve: ['edit(src/*)', 'deny'] })
  expect(events.filter(event => event.type === 'tool.result').every(({ failed }) => failed)).toBe(true)
})

test('a rule that denies a folder holds for links to it', async () => {
  const { target, workspace } = await machine([says({ name: 'read', input: { path: 'link/key' } }), done])
  mkdirSync(join(workspace, 'keys'))
  writeFileSync(join(workspace, 'keys/key'), 'hush')
  symlinkSync('keys', join(workspace, 'link'))
  await call(target, rules.addRule, { body: { rule: 'read(keys/*)', effect: 'deny' } })
  const { events } = await askAndRead(target, { question: 'q' })
  expect(results(events)).toEqual([expect.stringContaining('denies it')])
})

test('a folder of a rule stays below the workspace', async () => {
  const { target } = await machine([])
  for (const folder of ['../x', '/etc', 'a/../../b'])
    await expect(call(target, rules.addRule, { body: { rule: 'run', folder } })).rejects.toMatchObject({
      code: 'invalid_request',
    })
  expect(await call(target, rules.addRule, { body: { rule: 'run', folder: './a/' } })).toMatchObject({ folder: 'a' })
})
