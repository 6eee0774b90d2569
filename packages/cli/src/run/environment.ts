import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { SpoqError } from '@spoq/contracts/problem'

interface Given {
  /** `--env` values: `NAME=value`, or `NAME` alone for the value it has here. */
  values: readonly string[]
  /** `--env-from` values: files with lines `NAME=value`. */
  files: readonly string[]
}

/**
 * Reads what a command's environment shall hold; a later file wins over an earlier one, and `--env` over all files. No
 * error holds a value: it may be a secret. @throws SpoqError `usage`.
 */
export function readEnvironment({ values, files }: Given, here: NodeJS.ProcessEnv): Record<string, string> {
  const fromFiles = files.flatMap(file => Object.entries(readFile(file)))
  return Object.fromEntries([...fromFiles, ...values.map(value => pair(value, here))])
}

function readFile(file: string): Record<string, string> {
  try {
    return parseEnv(readFileSync(file, 'utf8')) as Record<string, string>
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'not text'
    throw new SpoqError('usage', { message: `--env-from ${file} cannot be read (${code}).`, next: 'Check its name.' })
  }
}

function pair(text: string, here: NodeJS.ProcessEnv): [string, string] {
  const [, name, value = here[text]] = /^([A-Za-z_]\w*)(?:=(.*))?$/s.exec(text) ?? []
  if (name === undefined)
    throw new SpoqError('usage', { message: 'An --env is not NAME=value.', next: 'Example: --env NODE_ENV=test.' })
  if (value === undefined)
    throw new SpoqError('usage', { message: `${name} is not set here.`, next: `Give it: --env ${name}=value.` })
  return [name, value]
}
