import * as z from 'zod/mini'
import { ProviderError } from '../provider.ts'
import type { Method } from '../shared/api.ts'
import type { Hostinger } from './options.ts'

const action = z.object({ name: z.nullish(z.string()), state: z.string() })

/** Begins an action on a server. @throws ProviderError `retry` also when it failed at once */
export async function act({ api }: Hostinger, method: Method, ref: string, what: string, body?: object): Promise<void> {
  const path = `/api/vps/v1/virtual-machines/${ref}/${what}`
  const { state } = await api.ask(action, method, path, body ? { body } : {})
  if (state === 'error') throw new ProviderError('retry', `Hostinger could not do it: ${what}.`)
}
