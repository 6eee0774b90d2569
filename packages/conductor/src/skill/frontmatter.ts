// The two fields that a skill's file begins with. Of YAML it knows a text on one line, a quoted one, and a block; a field
// that is written in any other way is refused and not guessed.

export interface Frontmatter {
  name: string
  description: string
}

const longestName = 64
const longestDescription = 1024

/** Reads `name` and `description`. @throws Error that says what is wrong, in a few words. */
export function frontmatterOf(text: string): Frontmatter {
  const [first = '', ...rest] = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  const end = rest.findIndex(line => line.trimEnd() === '---')
  if (first.trimEnd() !== '---' || end < 0) throw new Error('it does not begin with fields between two lines of ---')
  const lines = rest.slice(0, end)
  const name = fieldOf(lines, 'name')
  const description = fieldOf(lines, 'description')
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name) || name.length > longestName)
    throw new Error(`its name is not made of at most ${longestName} small letters, digits and single dashes`)
  if (description === '') throw new Error('its description is empty')
  if (description.length > longestDescription)
    throw new Error(`its description has more than ${longestDescription} characters`)
  return { name, description }
}

/** The text behind the fields. */
export function bodyOf(text: string): string {
  return text.replace(/^\uFEFF?---[^\n]*\n[\s\S]*?\n---[^\n]*(\n|$)/, '').trim()
}

function fieldOf(lines: readonly string[], field: string): string {
  const at = lines.flatMap((line, index) => (line.startsWith(`${field}:`) ? [index] : []))
  const [start, another] = at
  if (start === undefined) throw new Error(`it has no ${field}`)
  if (another !== undefined) throw new Error(`it has two fields ${field}`)
  const value = (lines[start] ?? '').slice(field.length + 1)
  if (value !== '' && !/^\s/.test(value)) throw new Error(`its ${field} is not written as "${field}: …"`)
  const below = indentedAfter(lines, start)
  return oneLine(readValue(value.trim(), below, field))
}

function indentedAfter(lines: readonly string[], start: number): string[] {
  const below = lines.slice(start + 1)
  const end = below.findIndex(line => /^\S/.test(line))
  return (end < 0 ? below : below.slice(0, end)).map(line => line.trim())
}

function readValue(value: string, below: readonly string[], field: string): string {
  if (/^[>|][+-]?$/.test(value)) return below.join(' ')
  const whole = [value, ...below].join(' ').trim()
  if (whole.startsWith('"')) return doubleQuoted(whole, field)
  if (whole.startsWith("'")) {
    const [, inside] = /^'((?:[^']|'')*)'$/.exec(whole) ?? []
    if (inside === undefined) throw notText(field)
    return inside.replaceAll("''", "'")
  }
  if (/^[[\]{}&*!|>%@`#,?-]/.test(whole)) throw notText(field)
  return whole.replace(/\s#.*$/, '')
}

/** What JSON and YAML quote in the same way. */
function doubleQuoted(text: string, field: string): string {
  try {
    return String(JSON.parse(text))
  } catch {
    throw notText(field)
  }
}

const notText = (field: string) => new Error(`its ${field} is not a plain text: put it in double quotes`)

/** No text of a file may look like a line of ours. */
const oneLine = (text: string) => text.replace(/[\s\p{C}]+/gu, ' ').trim()
