// The demo's answer: it names what the tools really found, and what they refused.

/** Begins every answer of the demo. */
export const label = '[demo: scripted, not AI]'

/** A tool call of the demo with what came of it. */
export interface Done {
  tool: string
  input: Record<string, unknown>
  output: string
  failed: boolean
}

/** An answer from what the tools brought back, and from nothing else. */
export function demoAnswer(question: string, done: readonly Done[]): string {
  const told = [...attached(question), ...done.map(tell)]
  const end = told.length > 0 ? '' : ' I have no tools here, so there is nothing that I could look at.'
  return `${label} ${told.join('\n\n')}${end}`
}

function attached(question: string): string[] {
  return [...question.matchAll(/<attachment name="([^"]*)"[^>]*>\n([\s\S]*?)\n<\/attachment>/g)].map(
    ([, name, text = '']) =>
      `You attached ${name} (${text.split('\n').length} lines); it begins: ${quote(firstLine(text))}`,
  )
}

function tell({ tool, input, output, failed }: Done): string {
  const where = tool.startsWith('client_') ? 'on your computer' : 'on the machine'
  const what = tool.replace('client_', '')
  if (failed) return `I could not use ${what} ${where}: ${firstLine(output)}`
  if (what === 'glob') return tellFiles(filesIn(output), where)
  if (what === 'read') return `What this project is, by its ${input.path}: ${aboutProject(output)}`
  return `The machine ran \`${input.command}\` and answered: ${output.replace(/\n\[exit status 0\]$/, '').trim()}`
}

const named = 8

function tellFiles(files: readonly string[], where: string): string {
  if (files.length === 0) return `There are no files ${where}.`
  const more = files.length > named ? `, and ${files.length - named} more` : ''
  return `The files ${where}: ${files.slice(0, named).join(', ')}${more}.`
}

/** The paths in what a glob tool answered: a line each, notes in brackets left out. */
export function filesIn(output: string): string[] {
  return output
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '' && !/^[([…]|^no (file|match)/i.test(line) && !line.endsWith('/'))
}

/** A package's own description, or a text's first heading and the first line below it. */
function aboutProject(text: string): string {
  const [, name] = /"name":\s*"([^"]+)"/.exec(text) ?? []
  const [, description] = /"description":\s*"([^"]+)"/.exec(text) ?? []
  if (name || description) return quote([name, description].filter(Boolean).join(': '))
  const lines = text.split('\n').map(plain).filter(Boolean)
  const heading = lines.findIndex(line => line.startsWith('#'))
  const [first = 'it is empty', second = ''] = lines.slice(Math.max(heading, 0))
  return quote([first.replace(/^#+\s*/, ''), second.replace(/^#+\s*/, '')].filter(Boolean).join(': '))
}

/** Without a line number, which the read tools put before each line. */
const plain = (line: string) => line.replace(/^\s*\d+\s*[:|\t→]\s?/, '').trim()
const firstLine = (text: string) => text.split('\n').map(plain).find(Boolean) ?? 'nothing'
const quote = (text: string) => `"${text.slice(0, 300)}"`
