import { expect, test } from 'vitest'
import { bodyOf, frontmatterOf } from './frontmatter.ts'

const file = (...lines: string[]) => ['---', ...lines, '---', 'body'].join('\n')
const tea = { name: 'tea', description: 'Makes tea.' }

test.each([
  ['plain', file('name: tea', 'description: Makes tea.')],
  ['with a comment', file('name: tea # short', 'description: Makes tea.')],
  ['quoted', file('name: "tea"', "description: 'Makes tea.'")],
  ['folded', file('description: >-', '  Makes', '  tea.', 'name: tea')],
  ['literal', file('description: |', '  Makes tea.', '', 'name: tea')],
  ['over two lines', file('name: tea', 'description: Makes', '  tea.')],
  ['among others', file('license: MIT', 'metadata:', '  name: other', 'name: tea', 'description: Makes tea.')],
  ['with Windows line ends', file('name: tea', 'description: Makes tea.').replaceAll('\n', '\r\n')],
])('the two fields are read: %s', (_, text) => expect(frontmatterOf(text)).toEqual(tea))

test('a colon in a plain text and doubled quotes stay what they are', () => {
  expect(frontmatterOf(file('name: tea', 'description: Use it: for tea')).description).toBe('Use it: for tea')
  expect(frontmatterOf(file('name: tea', "description: 'It''s tea'")).description).toBe("It's tea")
})

test.each([
  ['no fields', 'name: tea', 'does not begin'],
  ['fields without an end', '---\nname: tea\n', 'does not begin'],
  ['no name', file('description: x'), 'has no name'],
  ['no description', file('name: tea'), 'has no description'],
  ['an empty description', file('name: tea', 'description:'), 'description is empty'],
  ['two names', file('name: tea', 'name: coffee', 'description: x'), 'two fields name'],
  ['a name that is a path', file('name: ../tea', 'description: x'), 'its name is not made of'],
  ['a list', file('name: tea', 'description: [a, b]'), 'not a plain text'],
  ['an anchor', file('name: tea', 'description: &a x'), 'not a plain text'],
  ['an open quote', file('name: tea', 'description: "x'), 'not a plain text'],
  ['a long description', file('name: tea', `description: ${'x'.repeat(1025)}`), 'more than 1024'],
])('what is not written as it should be is refused: %s', (_, text, why) =>
  expect(() => frontmatterOf(text)).toThrow(why),
)

test('a description is one line, whatever the file holds', () => {
  expect(frontmatterOf(file('name: tea', 'description: "a\\nb\\u001b[31m"')).description).toBe('a b [31m')
})

test('the body is what stands behind the fields', () => {
  expect(bodyOf(file('name: tea', 'description: x'))).toBe('body')
})
