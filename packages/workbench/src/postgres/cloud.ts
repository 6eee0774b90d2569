// A provider in one process that backends in others ask over HTTP: what it holds outlives all of them.

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import type { ProvisioningProvider } from '@spoq/providers'

const verbs = ['create', 'status', 'suspend', 'resume', 'terminate', 'find', 'list'] as const
type Verb = (typeof verbs)[number]

/** Serves a provider on loopback. */
export async function serveCloud(provider: ProvisioningProvider): Promise<{ url: string; close(): void }> {
  const server = createServer((request, response) => {
    const answer = async () => {
      const { verb, given } = (await json(request)) as { verb: Verb; given: never }
      return JSON.stringify((await provider[verb](given)) ?? null)
    }
    answer().then(
      text => response.end(text),
      error => response.writeHead(500).end(String(error)),
    )
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() }
}

/** The same provider from elsewhere. */
export function remoteCloud(url: string, { name, capabilities }: Pick<ProvisioningProvider, 'name' | 'capabilities'>) {
  const ask = (verb: Verb) => async (given?: unknown) => {
    const response = await fetch(url, { method: 'POST', body: JSON.stringify({ verb, given }) })
    if (!response.ok) throw new Error(await response.text())
    return response.json()
  }
  return { name, capabilities, ...Object.fromEntries(verbs.map(verb => [verb, ask(verb)])) } as ProvisioningProvider
}
