import { SpoqError } from '@spoq/contracts/problem'

/**
 * Reads `--env` values: `NAME=value`, or `NAME` alone for the value it has here, so that a secret stands in no
 * argument list. @throws SpoqError `usage`.
 */
export function readEnvironment(values: readonly string[], here: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(values.map(value => pair(value, here)))
}

function pair(text: string, here: NodeJS.ProcessEnv): [string, string] {
  const [, name, value = here[text]] = /^([A-Za-z_]\w*)(?:=(.*))?$/s.exec(text) ?? []
  if (name === undefined)
    throw new SpoqError('usage', { message: 'An --env is not NAME=value.', next: 'Example: --env NODE_ENV=test.' })
  if (value === undefined)
    throw new SpoqError('usage', { message: `${name} is not set here.`, next: `Give it: --env ${name}=value.` })
  return [name, value]
}
