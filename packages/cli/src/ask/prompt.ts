import type { Terminal } from '../terminal.ts'
import type { Decide } from './context.ts'

/**
 * Who decides about an approval: the person on this terminal, `--approve deny`, or nobody here.
 * The question stands on stderr; stdout is for the answer.
 */
export function decider(terminal: Terminal, { denies, json }: { denies: boolean; json: boolean }): Decide | null {
  if (denies) return async () => 'deny'
  return terminal.interactive && !json ? askPerson : null
}

const askPerson: Decide = async ({ title, reason }, signal) => {
  const { confirm } = await import('@inquirer/prompts')
  const message = `Allow? ${title}${reason === '' ? '' : ` (${reason})`}`
  return (await confirm({ message, default: false }, { output: process.stderr, signal })) ? 'allow' : 'deny'
}
