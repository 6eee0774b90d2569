// `spoq up`: everything on this computer, from nothing to the first answer.

import { join } from 'node:path'
import { call } from '@spoq/client/call'
import type { Machine } from '@spoq/contracts/machine'
import { type ModelInUse, showModel } from '@spoq/contracts/model'
import type { SpoqError } from '@spoq/contracts/problem'
import { type ConductorStatus, showStatus } from '@spoq/contracts/status'
import { quotedIfNeeded } from '@spoq/kit/shell-word'
import type { Context } from '../context.ts'
import { defaultDataDirectory } from '../data-dir.ts'
import { describeModel } from '../model/describe.ts'
import { machineTarget } from '../target.ts'
import { type Backend, openBackend } from './backend.ts'
import { readyMachine } from './machine.ts'
import { signInOwner } from './owner.ts'

interface Wanted {
  port: number | undefined
  /** Asked as soon as there is a machine. */
  question: string | undefined
  /** End after that instead of staying up. */
  exit: boolean
  /** Ends everything in good order: Ctrl-C. */
  signal: AbortSignal
}

/**
 * Brings everything up and stays until `signal`, or until the answer when that is wanted. Answers what the asked turn
 * failed with. For errors see each step.
 */
export async function up(context: Context, wanted: Wanted): Promise<SpoqError | null> {
  const say = (line: string) => {
    if (!context.json) console.error(line)
  }
  await using backend = await openBackend(context, wanted.port)
  say(backend.ours ? `The backend runs at ${backend.url}.` : `A backend runs already at ${backend.url}; using it.`)
  const ending = Promise.race([backend.ended, aborted(wanted.signal)])
  const using = actOn({ ...context, server: backend.url }, backend, wanted, say)
  const first = await Promise.race([using.then(failure => ({ failure })), ending])
  if (first === null) return null
  if (!('failure' in first)) throw first
  if (!wanted.exit && backend.ours) {
    const end = await ending
    if (end) throw end
  }
  return first.failure
}

async function actOn(context: Context, { url, ours }: Backend, wanted: Wanted, say: (line: string) => void) {
  const account = await signInOwner(context, say)
  say(`Signed in as ${account.email}.`)
  const machine = await readyMachine(context)
  const named = { ...context, machine: machine.id }
  const target = await machineTarget(named)
  const [inUse, { isolation }] = await Promise.all([call(target, showModel), call(target, showStatus)])
  const model = inUse.source === 'none' ? 'demo' : undefined
  if (context.json) console.log(readyLine(url, machine, context.dataDir))
  else console.log(readyText(context, machine, { inUse, isolation, stays: ours && !wanted.exit }))
  if (wanted.question === undefined) return null
  const { carryOut } = await import('../ask/carry-out.ts')
  const words = wanted.question
  const asked = {
    words,
    files: [],
    session: undefined,
    model,
    mode: undefined,
    approve: model ? [demoRule] : [],
    offersFiles: true,
  }
  return carryOut(asked, target, { ...named, machine: undefined })
}

/** Where no sandbox works a machine asks before every command. This is the one that the demo runs by itself. */
const demoRule = 'run(uname *)'

const noModel = 'none yet. demo, which is scripted and no AI, stands in. Choose one: spoq model use NAME --url URL'

const noIsolation =
  'No isolation: what agents run can reach your files, so each command asks first. Installing bubblewrap changes that.'

interface Shown {
  inUse: ModelInUse
  isolation: ConductorStatus['isolation']
  stays: boolean
}

/** The one line that programs wait for. */
function readyLine(server: string, { id, name, endpoint }: Machine, dataDir: string): string {
  return JSON.stringify({ server, machine: { id, name, endpoint }, dataDir })
}

function readyText({ root, dataDir }: Context, machine: Machine, { inUse, isolation, stays }: Shown): string {
  const place = dataDir === defaultDataDirectory() ? '' : `SPOQ_DATA_DIR=${quotedIfNeeded(dataDir)} `
  const none = inUse.source === 'none'
  const ask = `${place}${quotedIfNeeded(join(root, 'bin/run.js'))} ask${none ? ' --model demo' : ''} "what can you do here?"`
  return [
    `Ready. ${machine.name} runs at ${machine.endpoint}.`,
    `Model: ${none ? noModel : describeModel(inUse)}`,
    ...(isolation === 'none' ? [noIsolation] : []),
    stays
      ? `In another terminal:\n\n  ${ask}\n\nCtrl-C stops the backend; the machine goes on.`
      : `Ask it:\n\n  ${ask}\n`,
  ].join('\n')
}

/** For a shell, when it needs that. */

function aborted(signal: AbortSignal): Promise<null> {
  return new Promise(resolve => {
    if (signal.aborted) resolve(null)
    signal.addEventListener('abort', () => resolve(null))
  })
}
