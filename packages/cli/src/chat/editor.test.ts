import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Edit, type Editor, edit, editorWith, insert, isEdit, vertical } from './editor.ts'

const names = [
  'left',
  'right',
  'wordLeft',
  'wordRight',
  'home',
  'end',
  'backspace',
  'delete',
  'deleteWord',
  'deleteWordAfter',
  'deleteToStart',
  'deleteToEnd',
].filter(isEdit)

const run = (start: string, ...edits: Edit[]) => edits.reduce(edit, editorWith(start))
const show = ({ text, at }: Editor) => `${text.slice(0, at)}|${text.slice(at)}`

test.each<[string, Edit[], string]>([
  ['one two', ['left'], 'one tw|o'],
  ['one two', ['wordLeft', 'wordLeft'], '|one two'],
  ['one two', ['home', 'wordRight'], 'one| two'],
  ['one\ntwo', ['home'], 'one\n|two'],
  ['one\ntwo', ['home', 'backspace'], 'one|two'],
  ['one\ntwo', ['home', 'left', 'home', 'end'], 'one|\ntwo'],
  ['a👩‍👩‍👧b', ['left', 'left'], 'a|👩‍👩‍👧b'],
  ['a👩‍👩‍👧', ['backspace'], 'a|'],
  ['👍x', ['home', 'delete'], '|x'],
  ['one two', ['deleteWord'], 'one |'],
  ['one two', ['home', 'deleteWordAfter'], '| two'],
  ['one two', ['wordLeft', 'deleteToStart'], '|two'],
  ['one two', ['wordLeft', 'deleteToEnd'], 'one |'],
])('%j %j', (text, edits, shown) => {
  expect(show(run(text, ...edits))).toBe(shown)
})

test('up and down keep the column where there is text, and end at the first and the last line', () => {
  const up = vertical(editorWith('long line\nab\nlonger'), -1)
  expect(up && show(up)).toBe('long line\nab|\nlonger')
  const again = up && vertical(up, -1)
  expect(again && show(again)).toBe('lo|ng line\nab\nlonger')
  expect(again && vertical(again, -1)).toBeNull()
  expect(vertical(editorWith('a\nb'), 1)).toBeNull()
})

// A cursor inside of a surrogate pair or beyond the text is caught here.
test('the cursor is always between whole characters, and what is typed stands before it', () => {
  const moves = fc.array(fc.oneof(fc.constantFrom(...names), fc.constantFrom(-1 as const, 1 as const), fc.string()), {
    maxLength: 30,
  })
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), moves, (text, all) => {
      let editor = editorWith(text)
      for (const move of all) {
        if (typeof move === 'number') editor = vertical(editor, move) ?? editor
        else if (isEdit(move)) editor = edit(editor, move)
        else editor = insert(editor, move)
        expect(editor.at).toBeGreaterThanOrEqual(0)
        expect(editor.at).toBeLessThanOrEqual(editor.text.length)
        expect(editor.text.slice(0, editor.at).isWellFormed() || !editor.text.isWellFormed()).toBe(true)
      }
    }),
  )
})
