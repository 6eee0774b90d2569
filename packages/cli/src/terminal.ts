// Whether there is a person to ask, and asking. Without one nothing is ever asked: the error names the flag instead.

import { SpoqError } from '@spoq/contracts/problem'

export interface Terminal {
  /** A person sits there and may be asked. */
  interactive: boolean
  /** A line that moves may be shown on stderr. */
  animated: boolean
}

interface Streams {
  stdin: { isTTY?: boolean }
  stdout: { isTTY?: boolean }
  stderr: { isTTY?: boolean; columns?: number }
}

/** What can be done on this terminal. CI and --yes mean: ask nothing. */
export function terminalOf(env: NodeJS.ProcessEnv, { yes }: { yes: boolean }, streams: Streams = process): Terminal {
  const { stdin, stdout, stderr } = streams
  const ci = Boolean(env.CI) && env.CI !== 'false' && env.CI !== '0'
  return {
    interactive: Boolean(stdin.isTTY && stdout.isTTY && stderr.isTTY) && !ci && !yes,
    // On a terminal of no columns the spinner would turn for ever.
    animated: Boolean(stderr.isTTY) && (stderr.columns ?? 0) > 0 && !ci && env.TERM !== 'dumb',
  }
}

/** How a question is put; `flag` is what answers it where nobody can be asked: `--name NAME`. */
interface Asked {
  message: string
  flag: string
}

/** Asks for a line of text. @throws SpoqError `needs_terminal`, naming the flag. */
export async function askText(terminal: Terminal, asked: Asked & { default?: string; check?: Check }): Promise<string> {
  assertInteractive(terminal, asked)
  const { input } = await import('@inquirer/prompts')
  const { message, default: preset, check } = asked
  const settings = {
    message,
    ...(preset === undefined ? {} : { default: preset }),
    ...(check ? { validate: check } : {}),
  }
  return input(settings, onStderr)
}

/** Asks for something that is not shown. @throws SpoqError `needs_terminal`, naming the flag. */
export async function askSecret(terminal: Terminal, asked: Asked & { check?: Check }): Promise<string> {
  assertInteractive(terminal, asked)
  const { password } = await import('@inquirer/prompts')
  return password({ message: asked.message, mask: true, ...(asked.check ? { validate: asked.check } : {}) }, onStderr)
}

/** Asks for yes or no. @throws SpoqError `needs_terminal`, naming the flag. */
export async function confirm(terminal: Terminal, asked: Asked & { default: boolean }): Promise<boolean> {
  assertInteractive(terminal, asked)
  const prompts = await import('@inquirer/prompts')
  return prompts.confirm({ message: asked.message, default: asked.default }, onStderr)
}

/** Lets one of several be chosen. @throws SpoqError `needs_terminal`, naming the flag. */
export async function choose<T extends string>(
  terminal: Terminal,
  asked: Asked & { choices: { name: string; value: T }[] },
): Promise<T> {
  assertInteractive(terminal, asked)
  const { select } = await import('@inquirer/prompts')
  return select({ message: asked.message, choices: asked.choices }, onStderr)
}

/** Lets any number of several be chosen. @throws SpoqError `needs_terminal`, naming the flag. */
export async function chooseSeveral<T extends string>(
  terminal: Terminal,
  asked: Asked & { choices: { name: string; value: T; checked?: boolean }[] },
): Promise<T[]> {
  assertInteractive(terminal, asked)
  const { checkbox } = await import('@inquirer/prompts')
  return checkbox({ message: asked.message, choices: asked.choices }, onStderr)
}

/** True when the answer will do, else what is wrong with it. */
type Check = (answer: string) => true | string

/** stdout is for the result. */
const onStderr = { output: process.stderr }

function assertInteractive(terminal: Terminal, { message, flag }: Asked): void {
  if (terminal.interactive) return
  throw new SpoqError('needs_terminal', {
    message: `${message.replace(/[?:]$/, '')}: there is no terminal to ask on.`,
    next: `Say it with ${flag}.`,
  })
}
