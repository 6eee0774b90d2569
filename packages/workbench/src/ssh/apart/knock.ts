// What somebody in a network of their own can try by hand. `node knock.ts WHAT …`: answers in a line.

import { once } from 'node:events'
import { request } from 'node:https'
import { connect, createServer } from 'node:net'
import { oauth } from '@spoq/contracts/login'
import { protocol } from '@spoq/kit/tunnel'

const [what = '', ...given] = process.argv.slice(2)

const ways: Record<string, (...words: string[]) => Promise<string>> = {
  /** Whether a port can be connected to. */
  open: (host = '', port = '') =>
    new Promise(resolve => {
      const socket = connect(Number(port), host)
      const done = (said: string) => {
        socket.destroy()
        resolve(said)
      }
      socket.once('connect', () => done('open'))
      socket.once('error', () => done('closed'))
      setTimeout(done, 1_500, 'closed')
    }),
  /** Answers there whoever comes, until it is ended. */
  listen: async (port = '') => {
    const server = createServer(socket =>
      socket.on('error', () => {}).once('data', () => socket.end('HTTP/1.0 200 OK\r\n\r\nfrom there')),
    )
    await once(server.listen(Number(port)), 'listening')
    console.log('listening')
    return new Promise(() => {})
  },
  /** The status of a request with a token. */
  get: async (url = '', token = '') => {
    const response = await fetch(url, { headers: token ? { authorization: `Bearer ${token}` } : {} })
    const { code = '' } = (await response.json().catch(() => ({}))) as { code?: string }
    return `${response.status} ${code}`.trim()
  },
  /** Asks a gateway as one asks a proxy. */
  connect: (host = '', target = '') => status(host, { method: 'CONNECT', path: target }),
  /** Asks for a tunnel, by the name of any machine. */
  tunnel: (host = '', token = '', name = host) =>
    status(host, {
      path: '/tunnel',
      headers: { host: name, connection: 'Upgrade', upgrade: protocol, authorization: `Bearer ${token}` },
    }),
  /** A token for a machine. */
  exchange: async (server = '', secret = '', audience = '') => {
    const body = new URLSearchParams({
      ...{ grant_type: oauth.exchangeGrant, client_id: oauth.stockClient, audience },
      ...{ subject_token: secret, subject_token_type: oauth.accessTokenType },
    })
    const response = await fetch(`${server}/identity/oauth2/token`, { method: 'POST', body })
    const { access_token: token } = (await response.json()) as { access_token?: string }
    return token ?? `${response.status}`
  },
}

/** Of whatever it is answered by; 0: by nothing. */
async function status(host: string, options: object): Promise<string> {
  const asked = request({ host, ...options })
  asked.end()
  const kinds = ['response', 'connect', 'upgrade'] as const
  try {
    const [response] = await Promise.race(kinds.map(kind => once(asked, kind)))
    return String(response.statusCode)
  } catch {
    return '0'
  } finally {
    asked.on('error', () => {}).destroy()
  }
}

console.log(await ways[what]?.(...given))
process.exit()
