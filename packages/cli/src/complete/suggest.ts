// What could stand at the cursor, from the manifest alone: pure, so that every shell completes the same.

/** What is read of a command of the manifest. */
export interface KnownCommand {
  id: string
  summary?: string | undefined
  hidden?: boolean | undefined
  flags: Record<string, KnownFlag>
  args: Record<string, KnownArgument>
}

interface KnownFlag {
  name: string
  type: string
  char?: string | undefined
  description?: string | undefined
  summary?: string | undefined
  hidden?: boolean | undefined
  multiple?: boolean | undefined
  allowNo?: boolean | undefined
  options?: readonly string[] | undefined
}

interface KnownArgument {
  name: string
  multiple?: boolean | undefined
  options?: readonly string[] | undefined
}

/** What only a machine or the backend knows, or the shell itself. */
export type Source = 'machine' | 'session' | 'run' | 'files' | 'directories'

export interface Candidate {
  value: string
  about: string
}

export interface Suggestion {
  candidates: Candidate[]
  /** Where more values come from. */
  source?: Source
  /** What the cursor's word begins with; candidates are given for the rest of it already. */
  current: string
  /** Stands before every value of `source`: `--machine=`. */
  before: string
}

interface House {
  commands: readonly KnownCommand[]
  /** Nouns with several verbs, and what they are about. */
  topics: Record<string, { description: string }>
}

/** What may stand in place of the last word. @param words those after the program's name, up to the cursor */
export function suggest(house: House, words: readonly string[]): Suggestion {
  const { previous, current } = wordsOf(words)
  const nothing = { candidates: [], current, before: '' }
  if (previous.includes('--')) return { ...nothing, source: 'files' }
  const { id, rest } = commandOf(house, previous)
  const command = house.commands.find(one => one.id === id)
  const verbs = rest.length === 0 && !current.startsWith('-') ? nextWords(house, id, current) : []
  if (!command) return { ...nothing, candidates: verbs }
  const { pending, used, positional } = readRest(command, rest)
  const [, name, begun] = /^--([\w-]+)=(.*)$/s.exec(current) ?? []
  const flag = pending ?? (name === undefined ? undefined : command.flags[name])
  if (flag) return valuesOf(flag, flagSources[flag.name], begun ?? current, begun === undefined ? '' : `--${name}=`)
  if (name !== undefined) return nothing
  if (current.startsWith('-')) return { ...nothing, candidates: flagsOf(command, used, current) }
  const args = Object.values(command.args)
  const argument = args[positional] ?? args.findLast(one => one.multiple)
  const values = argument ? valuesOf(argument, argumentSource(command.id, argument.name), current, '') : nothing
  return { ...values, candidates: [...verbs, ...values.candidates] }
}

/** bash gives `--flag=value` as three words. */
function wordsOf(words: readonly string[]): { previous: string[]; current: string } {
  const joined = words.filter((word, index) => !(word === '=' && words[index - 1]?.startsWith('--')))
  const endsOpen = words.at(-1) === '=' && joined.length < words.length && joined.at(-1)?.startsWith('--')
  const all = endsOpen ? [...joined, ''] : joined
  const previous = all.slice(0, -1)
  return { previous: previous[0] === 'help' ? previous.slice(1) : previous, current: all.at(-1) ?? '' }
}

/** As oclif reads a command line: words belong to the command for as long as some command begins so. */
function commandOf({ commands }: House, words: readonly string[]): { id: string; rest: readonly string[] } {
  let id = ''
  for (const [index, word] of words.entries()) {
    const longer = id === '' ? word : `${id}:${word}`
    if (!commands.some(one => one.id === longer || one.id.startsWith(`${longer}:`)))
      return { id, rest: words.slice(index) }
    id = longer
  }
  return { id, rest: [] }
}

function nextWords({ commands, topics }: House, id: string, current: string): Candidate[] {
  const prefix = id === '' ? '' : `${id}:`
  const found = new Map<string, string>()
  for (const command of commands.filter(one => !one.hidden && one.id.startsWith(prefix))) {
    const [word = '', ...deeper] = command.id.slice(prefix.length).split(':')
    if (!word.startsWith(current)) continue
    const about = deeper.length === 0 ? command.summary : topics[`${prefix}${word}`]?.description
    found.set(word, found.get(word) || about || '')
  }
  return [...found].map(([value, about]) => ({ value, about }))
}

function readRest(command: KnownCommand, rest: readonly string[]) {
  const used = new Set<string>()
  let pending: KnownFlag | undefined
  let positional = 0
  for (const word of rest) {
    if (pending) {
      pending = undefined
      continue
    }
    const flag = flagOf(command, word)
    if (flag) {
      used.add(flag.name)
      const holdsValue = word.startsWith('--') ? word.includes('=') : word.length > 2
      if (flag.type === 'option' && !holdsValue) pending = flag
    } else if (!word.startsWith('-')) positional += 1
  }
  return { pending, used, positional }
}

function flagOf({ flags }: KnownCommand, word: string): KnownFlag | undefined {
  const [, long] = /^--(?:no-)?([\w-]+)/.exec(word) ?? []
  if (long !== undefined) return flags[word.slice(2).split('=', 1)[0] ?? ''] ?? flags[long]
  const [, short] = /^-(\w)/.exec(word) ?? []
  return short === undefined ? undefined : Object.values(flags).find(({ char }) => char === short)
}

function flagsOf({ flags }: KnownCommand, used: ReadonlySet<string>, current: string): Candidate[] {
  const free = Object.values(flags).filter(flag => !flag.hidden && (flag.multiple || !used.has(flag.name)))
  const all = free.flatMap(({ name, allowNo, summary, description }) => {
    const about = summary ?? description ?? ''
    const yes = { value: `--${name}`, about }
    return allowNo ? [yes, { value: `--no-${name}`, about: `not: ${about}` }] : [yes]
  })
  const help = { value: '--help', about: 'show what the command does' }
  return [...all, help].filter(({ value }) => value.startsWith(current))
}

const flagSources: Record<string, Source> = {
  machine: 'machine',
  session: 'session',
  file: 'files',
  output: 'files',
  'env-from': 'files',
  'data-dir': 'directories',
}

/** `spoq machine stop NAME`, `spoq session show ID`: the noun says whose names they are. */
function argumentSource(id: string, name: string): Source | undefined {
  const noun = id.split(':', 1)[0] ?? ''
  if (id === 'cp') return 'files'
  const isNamed = id.includes(':') && ['id', 'name', noun].includes(name)
  return isNamed && (noun === 'machine' || noun === 'session' || noun === 'run') ? noun : undefined
}

function valuesOf(
  { options = [] }: { options?: readonly string[] | undefined },
  source: Source | undefined,
  current: string,
  before: string,
): Suggestion {
  const fitting = options.filter(value => value.startsWith(current))
  const candidates = fitting.map(value => ({ value: before + value, about: '' }))
  return { candidates, current, before, ...(source ? { source } : {}) }
}
