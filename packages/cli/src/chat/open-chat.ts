// From the words of `spoq chat` to the chat on this terminal, and to what is said when it is left.

import { hostname } from 'node:os'
import type { Target } from '@spoq/client/target'
import type { Mode } from '@spoq/contracts/session'
import { laptopFiles } from '../ask/laptop-files.ts'
import { lastSession } from '../ask/rejoin.ts'
import type { Context } from '../context.ts'
import { chosenMachine } from '../machine/chosen.ts'
import { colorLevel } from '../render/color-level.ts'
import { wrapped } from '../render/wrap.ts'
import { backendTarget } from '../target.ts'
import { chat } from './chat.ts'

interface Asked {
  /** `last`: the one used last. Undefined: a new one. */
  session: string | { last: true } | undefined
  model: string | undefined
  mode: Mode | undefined
  /** Whether the agent may look at files below the current folder. */
  offersFiles: boolean
}

/** Opens the chat; done when it was left. Answers the line that tells how to come back, null when there is nothing to. */
export async function openChat(asked: Asked, target: Target, context: Context): Promise<string | null> {
  const directory = process.cwd()
  const session = typeof asked.session === 'object' ? await lastSession(target) : (asked.session ?? null)
  const left = await chat({
    bin: context.bin,
    machine: await machineName(target, context),
    target,
    session,
    model: asked.model ?? null,
    mode: asked.mode ?? null,
    directory,
    files: asked.offersFiles ? laptopFiles(directory) : null,
    streams: { input: process.stdin, output: process.stdout },
    colors: colorLevel('stdout', true),
    now: context.now,
  })
  if (left.session === null) return null
  const named = context.machine ? ` --machine ${context.machine}` : ''
  const back = `${context.bin} chat${named} --session ${left.session}`
  const short = `${context.bin} chat${named} --continue`
  const said = `${left.busy ? 'The turn goes on. ' : ''}Come back: ${short}`
  const { columns = 80 } = process.stdout
  // A small screen has no room for the whole of it.
  return columns < 60 ? wrapped(said, columns).join('\n') : `${said}, or ${back}`
}

/** On the machine itself, which is reached by its socket, its own name. */
async function machineName(target: Target, context: Context): Promise<string> {
  if (target.dispatcher) return hostname()
  return (await chosenMachine(context, backendTarget(context))).name
}
