// What begins with a slash: commands of the chat itself.

import type { Mode } from '@spoq/contracts/session'
import type { State } from './state.ts'
import { act, isBusy, type Step, say } from './step.ts'

const modes: Record<Mode, string> = {
  plan: 'it looks, and changes nothing',
  ask: 'edits and commands wait for you',
  'auto-edit': 'it edits by itself; commands wait for you',
  full: 'it edits and runs by itself',
}

const commands: Record<string, (state: State, word: string) => Step> = {
  '/help': state => told(state, help),
  '/sessions': state => act(state, { do: 'list' }),
  '/new': state => act(state, { do: 'new' }),
  '/model': (state, name) => (name === '' ? act(state, { do: 'show-model' }) : useModel(state, name)),
  '/mode': (state, name) => useMode(state, name),
  '/undo': state => (isBusy(state) ? told(state, 'A turn runs: stop it with Ctrl-C first.') : undo(state)),
  '/compact': state => (isBusy(state) ? told(state, 'A turn runs: it makes room by itself.') : compact(state)),
  '/quit': state => act(state, { do: 'leave' }),
}

/** Does what a line that begins with a slash says; what there is not is said. */
export function command(state: State, line: string): Step {
  const [name = '', ...words] = line.split(/\s+/)
  const found = commands[name === '/exit' ? '/quit' : name]
  if (found) return found(state, words.join(' '))
  return told(state, `There is no command ${name}. /help lists them.`)
}

const told = (state: State, text: string): Step => act(say(state, text, 'quiet'))

const undo = (state: State) =>
  state.session === null ? told(state, 'There is nothing to undo yet.') : act(state, { do: 'undo' })

const compact = (state: State) =>
  state.session === null
    ? told(state, 'There is nothing to summarise yet.')
    : act(say(state, 'Summarising the earlier turns…', 'quiet'), { do: 'compact' })

function useModel(state: State, name: string): Step {
  const model = name === 'default' ? null : name
  const text = model ? `${model} answers from the next question on.` : "The machine's own model answers from now on."
  return told({ ...state, model }, text)
}

function useMode(state: State, name: string): Step {
  if (name === '')
    return told(
      state,
      [
        `The mode is ${state.mode}. There are:`,
        ...Object.entries(modes).map(([mode, what]) => `  /mode ${mode}: ${what}`),
      ].join('\n'),
    )
  if (!isMode(name)) return told(state, `There is no mode ${name}: ${Object.keys(modes).join(', ')}.`)
  return told({ ...state, mode: name, newMode: true }, `From the next question on: ${modes[name]}.`)
}

export const isMode = (name: string): name is Mode => Object.hasOwn(modes, name)

const help = `Enter sends; Alt+Enter or \\ and Enter begins a new line.
@path in a question sends that file along.
  /sessions     choose another session
  /new          begin a new one
  /model NAME   which model answers; default: the machine's
  /mode MODE    plan, ask, auto-edit or full
  /undo         take back the last turn's edits
  /compact      summarise the earlier turns for the model
  /quit         leave; a turn that runs goes on
Keys: up and down for what you asked before, PageUp and
PageDown to look back, Ctrl-C stops the turn, twice leaves,
Ctrl-D leaves, Ctrl-L draws the screen again.`
