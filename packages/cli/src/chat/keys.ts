// From what a terminal sends to keys that mean something here. Node's own parser reads the sequences; a paste arrives
// whole, and is text whatever is in it.

import { emitKeypressEvents, type Interface, type Key as NodeKey } from 'node:readline'
import type { Readable } from 'node:stream'
import { visible } from '../render/visible.ts'
import type { Edit } from './editor.ts'

export type Key = { name: 'text'; text: string } | { name: KeyName }

export type KeyName =
  | Edit
  | 'enter'
  | 'newline'
  | 'up'
  | 'down'
  | 'escape'
  | 'interrupt'
  | 'endOfInput'
  | 'suspend'
  | 'redraw'
  | 'pageUp'
  | 'pageDown'
  | 'lineUp'
  | 'lineDown'
  | 'top'
  | 'bottom'

interface Listener {
  key(key: Key): void
  paste(text: string): void
}

/** How long a lone Escape waits for what would make it another key. */
const escapeMs = 50

/** Tells a listener of every key and every paste; the answered function ends that. */
export function listen(input: Readable, listener: Listener): () => void {
  let pasted: string | null = null
  // Of an interface only this one setting is read.
  emitKeypressEvents(input, { escapeCodeTimeout: escapeMs } as unknown as Interface)
  function press(text: string | undefined, key: NodeKey): void {
    if (key.name === 'paste-start') pasted = ''
    else if (key.name === 'paste-end') {
      if (pasted) listener.paste(pastedText(pasted))
      pasted = null
    } else if (pasted !== null) pasted += key.sequence ?? text ?? ''
    else {
      const meant = keyOf(text, key)
      if (meant) listener.key(meant)
    }
  }
  input.on('keypress', press)
  return () => input.off('keypress', press)
}

/** Lines end as everywhere else, and nothing in a paste commands anything. */
export const pastedText = (text: string) => visible(text.replace(/\r\n?/g, '\n').replace(/\t/g, '    '))

/** What a key means; null when it means nothing here. */
export function keyOf(text: string | undefined, { name, ctrl, meta, shift, sequence = '' }: NodeKey): Key | null {
  const modifiers = `${ctrl ? 'C-' : ''}${meta ? 'M-' : ''}${shift ? 'S-' : ''}`
  const found = bySequence[sequence] ?? byName[`${modifiers}${name}`] ?? (ctrl || meta ? undefined : byName[`${name}`])
  if (found) return { name: found }
  const typed = ctrl || meta ? '' : pastedText(text ?? '')
  return typed === '' ? null : { name: 'text', text: typed }
}

/** Shift+Enter, as terminals send it that tell it from Enter. */
const bySequence: Record<string, KeyName> = { '\x1b[13;2u': 'newline', '\x1b[27;2;13~': 'newline' }

const byName: Record<string, KeyName> = {
  return: 'enter',
  'M-return': 'newline',
  'M-enter': 'newline',
  enter: 'newline',
  'C-j': 'newline',
  'C-c': 'interrupt',
  'C-d': 'endOfInput',
  'C-z': 'suspend',
  'C-l': 'redraw',
  escape: 'escape',
  'M-escape': 'escape',
  up: 'up',
  down: 'down',
  'C-p': 'up',
  'C-n': 'down',
  left: 'left',
  right: 'right',
  'C-left': 'wordLeft',
  'M-left': 'wordLeft',
  'C-right': 'wordRight',
  'M-right': 'wordRight',
  'M-b': 'wordLeft',
  'M-f': 'wordRight',
  'C-b': 'left',
  'C-f': 'right',
  home: 'home',
  end: 'end',
  'C-a': 'home',
  'C-e': 'end',
  backspace: 'backspace',
  'C-h': 'backspace',
  delete: 'delete',
  'C-w': 'deleteWord',
  'M-backspace': 'deleteWord',
  'C-backspace': 'deleteWord',
  'M-d': 'deleteWordAfter',
  'C-u': 'deleteToStart',
  'C-k': 'deleteToEnd',
  pageup: 'pageUp',
  pagedown: 'pageDown',
  'S-up': 'lineUp',
  'S-down': 'lineDown',
  'C-home': 'top',
  'C-end': 'bottom',
}
