// The line that is being written: a text and a place in it, and what each key makes of them. Nothing here is ever changed
// in place.

export interface Editor {
  text: string
  /** Where the next character goes, in UTF-16 units, never inside of a character. */
  at: number
}

export const empty: Editor = { text: '', at: 0 }
export const editorWith = (text: string): Editor => ({ text, at: text.length })

export type Edit = keyof typeof edits

/** Puts text in at the cursor. */
export function insert({ text, at }: Editor, piece: string): Editor {
  return { text: text.slice(0, at) + piece + text.slice(at), at: at + piece.length }
}

/** Does what a key means. */
export const edit = (editor: Editor, name: Edit): Editor => edits[name](editor)

export const isEdit = (name: string): name is Edit => Object.hasOwn(edits, name)

const edits = {
  left: (e: Editor) => ({ ...e, at: before(e) }),
  right: (e: Editor) => ({ ...e, at: after(e) }),
  wordLeft: (e: Editor) => ({ ...e, at: wordStart(e) }),
  wordRight: (e: Editor) => ({ ...e, at: wordEnd(e) }),
  home: (e: Editor) => ({ ...e, at: lineStart(e) }),
  end: (e: Editor) => ({ ...e, at: lineEnd(e) }),
  backspace: (e: Editor) => cutOut(e, before(e), e.at),
  delete: (e: Editor) => cutOut(e, e.at, after(e)),
  deleteWord: (e: Editor) => cutOut(e, wordStart(e), e.at),
  deleteWordAfter: (e: Editor) => cutOut(e, e.at, wordEnd(e)),
  deleteToStart: (e: Editor) => cutOut(e, lineStart(e), e.at),
  deleteToEnd: (e: Editor) => cutOut(e, e.at, lineEnd(e) === e.at ? after(e) : lineEnd(e)),
}

/** The cursor a line up or down, as near to its column as there is text; null beyond the first or the last line. */
export function vertical(editor: Editor, by: -1 | 1): Editor | null {
  const { text, at } = editor
  const column = at - lineStart(editor)
  const start = by < 0 ? lineStart({ text, at: lineStart(editor) - 1 }) : lineEnd(editor) + 1
  if ((by < 0 && lineStart(editor) === 0) || start > text.length) return null
  const target = Math.min(start + column, lineEnd({ text, at: start }))
  return { text, at: whole(text, target) }
}

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })

function cutOut({ text }: Editor, from: number, to: number): Editor {
  return { text: text.slice(0, from) + text.slice(to), at: from }
}

const lineStart = ({ text, at }: Editor) => (at <= 0 ? 0 : text.lastIndexOf('\n', at - 1) + 1)

function lineEnd({ text, at }: Editor): number {
  const end = text.indexOf('\n', at)
  return end < 0 ? text.length : end
}

/** The start of the character before the cursor. Looked for in its own line: a text may be long. */
function before(editor: Editor): number {
  const { text, at } = editor
  const start = lineStart(editor)
  if (at === start) return Math.max(0, at - 1)
  return start + ([...segmenter.segment(text.slice(start, at))].at(-1)?.index ?? 0)
}

function after(editor: Editor): number {
  const { text, at } = editor
  if (at === text.length) return at
  if (text[at] === '\n') return at + 1
  const [first] = segmenter.segment(text.slice(at, lineEnd(editor)))
  return at + (first?.segment.length ?? 1)
}

/** A place that is inside of no character. */
function whole(text: string, at: number): number {
  const start = lineStart({ text, at })
  const line = text.slice(start, lineEnd({ text, at: start }))
  return start + (segmenter.segment(line).containing(at - start)?.index ?? at - start)
}

const wordEnd = ({ text, at }: Editor) => at + (/^\s*\S*/.exec(text.slice(at))?.[0].length ?? 0)

function wordStart({ text, at }: Editor): number {
  let start = at
  while (start > 0 && /\s/.test(text[start - 1] ?? '')) start--
  while (start > 0 && /\S/.test(text[start - 1] ?? '')) start--
  return start
}
