// Shows a policy and has it accepted.

import { call } from '@spoq/client/call'
import type { Target } from '@spoq/client/target'
import { type Acceptance, acceptPolicy, type Policy, type PolicyName, showPolicy } from '@spoq/contracts/policy'
import { SpoqError } from '@spoq/contracts/problem'
import type { Context } from '../context.ts'
import { confirm } from '../terminal.ts'

/** The text as it is shown. */
export const policyInWords = ({ title, name, version, text }: Policy) => `${title} (${name}, ${version})\n\n${text}`

/**
 * Accepts a policy: the `version` that the person names; else it is shown, and asked for.
 * @throws SpoqError `needs_terminal` that names the flag, `interrupted` when the person does not accept, `policy_outdated`.
 */
export async function accept(
  { terminal, bin }: Context,
  backend: Target,
  name: PolicyName,
  version: string | undefined,
): Promise<Acceptance> {
  const params = { policy: name }
  if (version !== undefined) return call(backend, acceptPolicy, { params, body: { version } })
  const policy = await call(backend, showPolicy, { params })
  if (terminal.interactive) console.error(`${policyInWords(policy)}\n`)
  const asked = {
    message: `Do you accept ${policy.name} ${policy.version}?`,
    flag: `--accept-policy ${policy.version}`,
  }
  if (!(await confirm(terminal, { ...asked, default: false })))
    throw new SpoqError('interrupted', {
      message: 'Nothing was accepted, and nothing made.',
      next: `Read it again: ${bin} policy show ${name}.`,
    })
  return call(backend, acceptPolicy, { params, body: { version: policy.version } })
}
