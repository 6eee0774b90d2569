import type { Decision, Scope } from '@spoq/contracts/session'
import type { Terminal } from '../terminal.ts'
import type { Answer, ApprovalRequest, Decide } from './context.ts'

/**
 * Who decides about an approval: the person on this terminal, `--approve deny`, or nobody here.
 * The question stands on stderr; stdout is for the answer.
 */
export function decider(terminal: Terminal, { denies, json }: { denies: boolean; json: boolean }): Decide | null {
  if (denies) return async () => ({ decision: 'deny' })
  return terminal.interactive && !json ? askPerson : null
}

const askPerson: Decide = async (request, signal) => {
  const { expand } = await import('@inquirer/prompts')
  const choices = choicesFor(request)
  process.stderr.write(asText(request, choices))
  const settings = {
    message: 'Allow?',
    default: 'n' as const,
    choices: choices.map(choice => ({ ...choice, value: choice.key })),
  }
  const key = await expand(settings, { output: process.stderr, signal })
  return choices.find(choice => choice.key === key)?.answer ?? { decision: 'deny' }
}

interface Choice {
  key: 'y' | 's' | 'p' | 'a' | 'n' | 'd'
  name: string
  answer: Answer
}

const choice = (key: Choice['key'], name: string, decision: Decision, scope: Scope = 'once'): Choice => ({
  key,
  name,
  answer: { decision, scope },
})

/** Where no rule can be kept it is once or not at all. */
export function choicesFor({ rule }: Pick<ApprovalRequest, 'rule'>): Choice[] {
  const longer = [
    choice('s', 'allow in this session', 'allow', 'session'),
    choice('p', 'allow in this project', 'allow', 'project'),
    choice('a', 'allow always', 'allow', 'always'),
    choice('d', 'deny always', 'deny', 'always'),
  ]
  return [choice('y', 'allow once', 'allow'), ...(rule === '' ? [] : longer), choice('n', 'deny', 'deny')]
}

/** What is decided on, whole, and what the keys mean: a line each, so that it reads on 40 columns too. */
function asText({ title, reason, diff, rule }: ApprovalRequest, choices: readonly Choice[]): string {
  const keys = choices.map(({ key, name }) => `  ${key}  ${name}`)
  const kept = rule === '' ? [] : [`From s on this is kept: ${rule}`]
  return `\n${[title, ...(reason === '' ? [] : [reason]), ...(diff ? [diff.trimEnd()] : []), ...keys, ...kept].join('\n')}\n`
}
