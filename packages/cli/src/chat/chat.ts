// `spoq chat`: keys and events go in, screens come out, until somebody leaves.

import type { Target } from '@spoq/client/target'
import type { Mode } from '@spoq/contracts/session'
import type { ColorSupportLevel } from 'chalk'
import type { ClientFiles } from '../ask/client-request.ts'
import { guardProcess } from './guard.ts'
import { listen } from './keys.ts'
import { painterOf } from './painter.ts'
import { type Message, reduce } from './reduce.ts'
import { outgoing } from './run-effect.ts'
import { sizeOf, type TerminalStreams, takeTerminal } from './screen.ts'
import { startState } from './state.ts'
import type { Effect } from './step.ts'
import { isBusy } from './step.ts'
import { view } from './view.ts'

export interface Chat {
  bin: string
  machine: string
  target: Target
  /** The session to go on with; null begins a new one. */
  session: string | null
  model: string | null
  mode: Mode | null
  directory: string
  files: ClientFiles | null
  streams: TerminalStreams
  colors: ColorSupportLevel
  now: () => number
}

/** How a chat was left. */
export interface Left {
  session: string | null
  /** A turn goes on at the machine. */
  busy: boolean
}

/** Between two screens: a word that comes meanwhile is shown with the next one. */
const frameMs = 33
const tickMs = 100
/** Who leaves with a question on its way waits this long for the machine to take it. */
const sendingMs = 3_000

/**
 * Has the terminal until the person leaves, and gives it back as it was. Leaving stops no turn.
 * @throws SpoqError `session_not_found` before anything is shown, and whatever keeps the session from being read.
 */
export async function chat(options: Chat): Promise<Left> {
  const { streams, now } = options
  const { input, output } = streams
  let state = startState({ ...options, size: sizeOf(streams), now: now() })
  const { promise: left, resolve: leave } = Promise.withResolvers<void>()
  const machine = outgoing({ ...options, send })
  const painter = painterOf(options.colors)
  let frame: NodeJS.Timeout | undefined
  let terminal: ReturnType<typeof takeTerminal> | undefined

  function send(message: Message): void {
    const step = reduce(state, message, now())
    state = step.state
    for (const effect of step.effects) run(effect)
    frame ??= setTimeout(paint, frameMs)
  }

  function run(effect: Effect): void {
    if (effect.do === 'leave') leave()
    else if (effect.do === 'suspend') suspend()
    else if (effect.do === 'redraw') painter.forget()
    else machine.run(effect)
  }

  function paint(): void {
    frame = undefined
    // A terminal that is slower than the answer gets fewer screens, not later ones.
    if (output.writableNeedDrain) return void output.once('drain', paintSoon)
    const frameText = painter.paint(view(state))
    if (terminal && frameText !== '') output.write(frameText)
  }

  function paintSoon(): void {
    frame ??= setTimeout(paint, frameMs)
  }

  function suspend(): void {
    terminal?.giveBack()
    process.once('SIGCONT', () => {
      terminal?.takeAgain()
      resized()
    })
    process.kill(process.pid, 'SIGTSTP')
  }

  function resized(): void {
    painter.forget()
    send({ type: 'size', size: sizeOf(streams) })
  }

  if (options.session !== null) await machine.open(options.session)
  else send({ type: 'say', text: welcome(options), tone: 'quiet' })
  terminal = takeTerminal(streams)
  const unguard = guardProcess(terminal.giveBack)
  const unlisten = listen(input, {
    key: key => send({ type: 'key', key }),
    paste: text => send({ type: 'paste', text }),
  })
  input.on('end', leave).on('error', leave)
  output.on('resize', resized).on('error', leave)
  const ticking = setInterval(() => isBusy(state) && send({ type: 'tick' }), tickMs)
  try {
    send({ type: 'tick' })
    await left
    await settled(machine.sent())
  } finally {
    clearInterval(ticking)
    clearTimeout(frame)
    machine.end()
    unlisten()
    input.off('end', leave).off('error', leave)
    output.off('resize', resized).off('drain', paintSoon)
    terminal.giveBack()
    unguard()
  }
  return { session: machine.session(), busy: isBusy(state) }
}

const welcome = ({ machine, files, directory }: Chat) =>
  `A new session on ${machine}.${files ? ` The agent may read files below ${directory}.` : ''} /help lists the commands.`

/** Done with the work or after a while. */
function settled(work: Promise<void>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const patience = setTimeout(resolve, sendingMs)
  void work.then(resolve)
  return promise.finally(() => clearTimeout(patience))
}
