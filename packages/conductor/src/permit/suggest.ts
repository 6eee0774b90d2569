// The rule that is offered with an approval: what a person most likely means by "do not ask me that again".

import { escapedPattern, type Subject } from './pattern.ts'

/** Programs whose first word says what they do. */
const withVerbs = new Set(
  'apt apt-get brew bun bundle cargo composer deno docker dotnet gem git go gradle helm just kubectl make mix mvn npm nx pip pip3 pnpm poetry rake rustup swift terraform uv yarn'.split(
    ' ',
  ),
)
/** Verbs after which a third word says it. */
const naming = new Set(['run', 'exec', 'x', 'dlx', 'remote', 'compose', 'stash'])
/** Verbs that run whatever their next words say. */
const open = new Set(['exec', 'x', 'dlx', 'config', 'eval'])

const longest = 4096

/** The rule; empty when none can be kept. */
export function suggestRule({ tool, kind, text }: Subject): string {
  const rule = `${tool}(${kind === 'command' ? commandPattern(text) : kind === 'path' ? pathPattern(text) : escapedPattern(text)})`
  return rule.length <= longest ? rule : ''
}

function commandPattern(text: string): string {
  if (!/^[\w@%+=:,./ -]+$/.test(text)) return escapedPattern(text)
  const words = text.trim().split(/ +/)
  const [program = '', verb = ''] = words
  if (!withVerbs.has(program) || !/^[a-z][\w:-]*$/.test(verb) || open.has(verb)) return escapedPattern(text)
  const named = naming.has(verb) ? words.slice(0, 3) : words.slice(0, 2)
  return `${named.join(' ')} *`
}

/** All in the same folder and below it; a file at the top by itself. */
function pathPattern(path: string): string {
  const parts = path.split('/').filter(part => part !== '' && part !== '.')
  return parts.length > 1 ? `${escapedPattern(parts.slice(0, -1).join('/'))}/*` : escapedPattern(parts.join('/'))
}
