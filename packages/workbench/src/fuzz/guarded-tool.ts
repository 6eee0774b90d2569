// A tool that must never run unasked, the model that keeps calling it, and who looks whether it was allowed.

import { call } from '@spoq/client/call'
import { follow } from '@spoq/client/stream'
import type { Target } from '@spoq/client/target'
import { type Tool, tool } from '@spoq/conductor/tool/tool'
import { sessionEvents, showSession } from '@spoq/contracts/session'
import * as z from 'zod/mini'
import type { Asked, Reply } from '../stand-ins/openai.ts'

export interface Guarded {
  tool: Tool
  /** How often it ran. */
  runs: number
  /** Where it reads in the log what was allowed. */
  watch(local: Target): void
}

const name = 'press'

/** Each call presses a button of its own, so that a rule that came of one answer allows nothing else. */
function script({ body: { messages, tools = [] } }: Asked, index: number): Reply {
  const canPress = tools.some(one => one.function.name === name)
  if (!canPress || messages.at(-1)?.role === 'tool') return { pieces: ['Done.'] }
  return { calls: [{ id: `call_${index}`, name, input: { button: `B${index}` } }] }
}

function make(logged: string[]): Guarded {
  let local: Target | undefined
  const guarded: Guarded = {
    runs: 0,
    watch: target => {
      local = target
    },
    tool: tool({
      name,
      description: 'Presses a button.',
      input: z.object({ button: z.string() }),
      title: ({ button }) => `press: ${button}`,
      subject: ({ button }) => button,
      kind: 'text',
      does: 'run',
      run: async ({ button }, { origin }) => {
        guarded.runs += 1
        if (!local || !(await wasAllowed(local, origin))) logged.push(`${button} was pressed and nobody had allowed it`)
        return `pressed ${button}`
      },
    }),
  }
  return guarded
}

async function wasAllowed(local: Target, { session, call: of }: { session: string; call: string }): Promise<boolean> {
  const { lastEvent } = await call(local, showSession, { params: { session } })
  let approval: string | undefined
  for await (const event of follow(local, sessionEvents, {
    params: { session },
    isLast: ({ id }) => id >= lastEvent,
  })) {
    if (event.type === 'approval.requested' && event.call === of) approval = event.approval
    if (event.type === 'approval.answered' && event.approval === approval && event.decision === 'allow') return true
  }
  return false
}

export const guardedTool = { script, make }
