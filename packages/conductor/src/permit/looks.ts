import { programOf } from './program.ts'
import { readScript } from './shell.ts'

/** Programs that only show something, whatever their arguments say. What can start others or write is none of them. */
const lookers = new Set(
  'basename cat cut df dirname du echo false grep head id ls nl pwd realpath stat tail tr true uname wc which whoami'.split(
    ' ',
  ),
)

/** Whether a command line only looks at things: in a sandbox it does no more than the tools that read. */
export function onlyLooks(text: string): boolean {
  const { commands, clear } = readScript(text)
  return (
    clear &&
    commands.length > 0 &&
    commands.every(({ words, writes }) => {
      const { name } = programOf(words)
      // The name as it is written: not a path to another program, no variable set before it.
      return (
        words[0]?.text === name &&
        lookers.has(name) &&
        writes.every(({ text, dynamic }) => text === '/dev/null' && !dynamic)
      )
    })
  )
}
