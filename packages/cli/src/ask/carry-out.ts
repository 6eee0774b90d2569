// `spoq ask` from its words to the end of the turn, on the streams of this process.

import type { Target } from '@spoq/client/target'
import { SpoqError } from '@spoq/contracts/problem'
import type { Mode } from '@spoq/contracts/session'
import type { Context } from '../context.ts'
import { processInterrupts } from '../render/interrupts.ts'
import { turnLines } from '../render/turn-lines.ts'
import { turnText } from '../render/turn-text.ts'
import { findSession } from '../session/find.ts'
import { askQuestion } from './ask.ts'
import type { TurnContext } from './context.ts'
import { laptopFiles } from './laptop-files.ts'
import { decider } from './prompt.ts'
import { buildQuestion, nothingAsked } from './question.ts'
import { lastSession, rejoin } from './rejoin.ts'
import { readInput } from './standard-input.ts'

interface Asked {
  words: string
  /** `-f` values. */
  files: readonly string[]
  /** Go on in this session; `last`: the one used last. Undefined: a new one. */
  session: string | { last: true } | undefined
  model: string | undefined
  /** How far the agent may go; undefined: as the session's last turn. */
  mode: Mode | undefined
  /** `--approve` rules. */
  approve: string[]
  /** Whether the agent may look at files below the current folder. */
  offersFiles: boolean
}

/** How long an open pipe may say nothing when the question is known without it. */
const patienceMs = 3_000

/**
 * Asks, or without a question rejoins the session. Answers what the turn failed with, which its last event said
 * already; null when it is done.
 * @throws SpoqError `usage`, `too_large`, and all of `followTurn`.
 */
export async function carryOut(asked: Asked, target: Target, context: Context): Promise<SpoqError | null> {
  const { words, files, approve, model, mode } = asked
  const directory = process.cwd()
  const known = words !== '' || asked.session !== undefined
  const input = process.stdin.isTTY ? null : await readInput(process.stdin, known ? patienceMs : null)
  const question = await buildQuestion({ words, input, files, directory })
  if (!question && !asked.session) throw nothingAsked(context.bin)
  if (!question && approve.some(rule => rule !== 'deny')) throw decidedTooLate()

  const session = await sessionOf(asked.session, target)
  const denies = !question && approve.includes('deny')
  const turn = turnContext(context, target, denies)
  if (!question) return rejoin(turn, session ?? '')
  const sent = { ...question, session, model, mode, approve }
  if (!asked.offersFiles) return askQuestion(turn, sent, null)
  return askQuestion(turn, { ...sent, client: { directory } }, laptopFiles(directory))
}

const decidedTooLate = () =>
  new SpoqError('usage', {
    message: 'A rule goes with a question: what waits already is not decided by it.',
    next: 'Answer it on a terminal, or refuse it with --approve deny.',
  })

async function sessionOf(named: Asked['session'], target: Target): Promise<string | undefined> {
  if (typeof named === 'object') return lastSession(target)
  return named === undefined ? undefined : findSession(target, named)
}

function turnContext(context: Context, target: Target, denies: boolean): TurnContext {
  const { bin, json, machine, terminal } = context
  const named = machine ? ` --machine ${machine}` : ''
  return {
    target,
    view: json ? turnLines(process) : turnText(process),
    decide: decider(terminal, { denies, json }),
    interrupts: processInterrupts,
    comeBack: session => `${bin} ask${named} --session ${session}`,
  }
}
