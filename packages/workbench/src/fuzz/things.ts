// Something of each kind on a machine, so that requests can name what is there: made anew for each window, since requests
// answer, end and delete it.

import { call } from '@spoq/client/call'
import type { Target } from '@spoq/client/target'
import { askAndRead } from '@spoq/conductor/testing/machine'
import { chooseModel, setBudget } from '@spoq/contracts/model'
import { addRule, listRules, removeRule } from '@spoq/contracts/rule'
import { startRun } from '@spoq/contracts/run'
import type { QuestionInput, SessionEvent } from '@spoq/contracts/session'
import type { Known } from './request.ts'

const waitingTurns = 4

/** Makes them, and puts back what earlier requests may have set. */
export async function machineThings(
  local: Target,
  { model, account }: { model: string; account: string },
): Promise<Pick<Known, 'ids' | 'values'>> {
  const none = { costMicros: null, tokens: null }
  await call(local, setBudget, { body: { turn: none, day: none } })
  for (const { id } of (await call(local, listRules)).rules) await call(local, removeRule, { params: { rule: id } })
  await call(local, chooseModel, { body: { name: 'stand-in', url: model } })
  const ids: Record<'session' | 'turn' | 'approval' | 'request', string[]> = {
    session: [],
    turn: [],
    approval: [],
    request: [],
  }
  const ask = async (question: QuestionInput, until?: (event: SessionEvent) => boolean) => {
    const { session, turn, events } = await askAndRead(local, question, until)
    const last = events.at(-1)
    ids.session.push(session)
    ids.turn.push(turn)
    ids.approval.push(last?.type === 'approval.requested' ? last.approval : 'appr_none')
    ids.request.push(last?.type === 'client.request' ? last.request : 'req_none')
  }
  for (let made = 0; made < waitingTurns; made++)
    await ask({ question: 'press' }, ({ type }) => type === 'approval.requested')
  const onLaptop = { question: 'list the files here', model: 'demo', client: { directory: '/home/alice' } }
  await ask(onLaptop, ({ type }) => type === 'client.request')
  await ask({ question: 'count 3', model: 'demo' })
  const commands = [['cat'], ['sh', '-c', 'echo out; echo err >&2; exit 3'], ['sleep', '1'], ['/nothing/there']]
  const runs = [
    await call(local, startRun, { body: { command: ['cat'], input: true } }),
    await call(local, startRun, { body: { command: ['true'] } }),
  ].map(({ run }) => run)
  const rules = [await call(local, addRule, { body: { rule: 'edit(notes/*)' } })].map(({ id }) => id)
  return {
    ids: { ...ids, run: runs, rule: rules, vendor: ['anthropic', 'ollama', 'openai-compatible'] },
    values: {
      session: ids.session,
      turn: ids.turn,
      model: ['demo', 'default', 'openai-compatible/stand-in'],
      name: ['demo', 'openai-compatible/stand-in', 'anthropic/claude'],
      url: [model],
      command: commands,
      directory: ['.', '..'],
      approve: [[], ['deny']],
      rule: ['edit(notes/*)', 'read', 'other(*)'],
      members: [[account]],
      at: [0],
      attachments: [[], [{ name: 'notes.txt', text: 'line\n', lines: [1, 1] }]],
    },
  }
}
