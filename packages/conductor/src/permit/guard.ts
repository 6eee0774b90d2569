// The guard against destructive commands. It keeps an agent's accidents away, and nobody who means harm: a program can do
// in its own words what no reading of the command line shows. The wall against that is the sandbox.

import { posix } from 'node:path'
import { dangerOf } from './danger.ts'
import { programOf } from './program.ts'
import type { Place } from './protected-path.ts'
import { type Command, readScript } from './shell.ts'
import { type Verdict, worse } from './verdict.ts'

/** Scripts in scripts in scripts: nobody writes that many by accident. */
const deepest = 6

/** What a command line would do at its worst, as far as can be told from its words. `from` is the folder it starts in. */
export function guard(text: string, place: Place, from = place.workspace, level = 0): Verdict {
  if (forkBomb.test(text)) return { say: 'deny', why: 'It is a fork bomb.' }
  if (level > deepest) return { say: 'unclear', why: 'It holds too many command lines in each other.' }
  const { commands, clear } = readScript(text)
  let verdict: Verdict = clear ? { say: 'fine' } : { say: 'unclear', why: 'It could not be understood.' }
  const folders = foldersOf(commands, from)
  for (const [index, command] of commands.entries()) {
    const { certain, perhaps } = folders[index] ?? { certain: from, perhaps: [] }
    const look = (folder: string | null) => inFolder(command, commands, index, place, folder, level)
    verdict = worse(verdict, look(certain))
    for (const folder of perhaps) {
      const there = look(folder)
      verdict = worse(verdict, there.say === 'deny' ? { say: 'ask', why: `${there.why} (If cd fails.)` } : there)
    }
  }
  return verdict
}

/** A function that starts itself twice. */
const forkBomb = /([^\s(){};|&]+)\s*\(\)\s*\{[^}]*\1\s*\|\s*\1[^}]*\}/

function inFolder(
  command: Command,
  commands: readonly Command[],
  index: number,
  place: Place,
  folder: string | null,
  level: number,
): Verdict {
  const program = programOf(command.words)
  if (program.dynamic) return { say: 'unclear', why: 'What it starts is only known when it runs.' }
  const danger = dangerOf({ program, command, before: commands.slice(0, index), place, folder })
  const inner = danger.scripts.map(script => guard(script, place, folder ?? place.workspace, level + 1))
  return [danger.verdict, ...inner].reduce(worse)
}

interface Folders {
  /** Where it runs when all before it went well; null when that is only known at run time. */
  certain: string | null
  /** Where else: a `cd` before it that may fail and is not asked about. */
  perhaps: string[]
}

/** In which folder each command runs, as far as `cd` says. */
function foldersOf(commands: readonly Command[], from: string): Folders[] {
  const stack: Folders[] = []
  let here: Folders = { certain: from, perhaps: [] }
  let depth = 0
  let moved: string | null | undefined
  return commands.map(command => {
    if (moved !== undefined && command.joint !== '&&' && command.joint !== '|' && moved !== null)
      here = { ...here, perhaps: [...here.perhaps, moved] }
    moved = undefined
    for (; depth < command.depth; depth++) stack.push(here)
    for (; depth > command.depth; depth--) here = stack.pop() ?? here
    const current = here
    const { name, arguments: rest } = programOf(command.words)
    if (name === 'cd' || name === 'pushd') {
      moved = here.certain
      here = {
        ...here,
        certain: target(
          rest.find(word => !/^-[LPe@]+$|^--$/.test(word.text)),
          here.certain,
        ),
      }
    }
    return current
  })

  function target(word: Command['words'][number] | undefined, certain: string | null): string | null {
    if (!word) return from
    if (word.dynamic || word.text === '-' || (certain === null && !word.text.startsWith('/'))) return null
    return word.home ? posix.resolve(from, word.text.replace(/^~\/?/, '')) : posix.resolve(certain ?? '/', word.text)
  }
}
