import { randomBytes } from 'node:crypto'
import * as z from 'zod/mini'
import { ProviderError } from '../provider.ts'
import { unlessGone } from '../shared/gone.ts'
import { everyPage } from '../shared/pages.ts'
import { lookUntil } from '../shared/wait.ts'
import { nameOf, nextOf, oneOf, pageOf } from './instance.ts'
import type { Contabo } from './options.ts'
import { lookUp, ours } from './status.ts'

const secret = z.object({ secretId: z.number(), name: z.string() })

/** Gives its user a password that nobody is told. Contabo takes it from its store of secrets, where it does not stay. */
export async function rotateCredentials(contabo: Contabo, ref: string): Promise<void> {
  const { machine } = await ours(contabo, ref)
  const secretId = await keep(contabo, nameOf(machine, contabo), newPassword())
  const body = { rootPassword: secretId }
  await contabo.api.tell('POST', `/v1/compute/instances/${ref}/actions/resetPassword`, { body })
  await taken(contabo, ref)
  await unlessGone(contabo.api.tell('DELETE', `/v1/secrets/${secretId}`))
}

/** One secret a machine: one that a crash left is used again. */
async function keep({ api }: Contabo, name: string, value: string): Promise<number> {
  const known = await everyPage(1, async page => {
    const query = { name, type: 'password', page, size: 100 }
    const answer = await api.ask(pageOf(secret), 'GET', '/v1/secrets', { query })
    return { items: answer.data, next: nextOf(answer) }
  })
  const before = known.find(one => one.name === name)
  if (!before) {
    const body = { name, value, type: 'password' }
    return (await api.ask(oneOf(secret), 'POST', '/v1/secrets', { body })).data[0].secretId
  }
  await api.tell('PATCH', `/v1/secrets/${before.secretId}`, { body: { value } })
  return before.secretId
}

async function taken(contabo: Contabo, ref: string): Promise<void> {
  const { shutDownMs, pollMs } = contabo.patience
  const isTaken = (found: Awaited<ReturnType<typeof lookUp>>) => found?.status !== 'reset_password'
  if (!isTaken(await lookUntil({ pollMs, mostMs: shutDownMs }, () => lookUp(contabo, ref), isTaken)))
    throw new ProviderError('retry', 'Contabo does not come to change the password.')
}

/** The kinds of letters that Contabo asks for, and 256 random bits. */
const newPassword = () => `Aa123_${randomBytes(32).toString('hex')}`
