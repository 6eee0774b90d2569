// Which headers cross. Those that are about one connection stay on it (RFC 9110, section 7.6.1); who is asked is decided by
// the gateway and never by what a client wrote.

import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http'

const ofOneConnection = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
])

/** What a machine is told instead of the name that it was asked by. */
const authority = 'machine'

interface Asked {
  method?: string | undefined
  url?: string | undefined
  headers: IncomingHttpHeaders
}

/** The headers of a request as they go to a machine, pseudo headers included. */
export function requestHeaders({ method = 'GET', url = '/', headers }: Asked): OutgoingHttpHeaders {
  const target = { ':method': method, ':path': url, ':scheme': 'http', ':authority': authority }
  return { ...target, ...crossing(headers, ['host', 'expect']) }
}

/** The headers of an answer as they go to the client: nothing by which one machine speaks for others of the domain. */
export function responseHeaders(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  const { 'set-cookie': cookies, ...crossed } = crossing(headers, ['alt-svc'])
  const own = [cookies ?? []].flat().filter(cookie => !/;\s*domain\s*=/i.test(String(cookie)))
  return own.length > 0 ? { ...crossed, 'set-cookie': own as string[] } : crossed
}

function crossing(headers: IncomingHttpHeaders, also: readonly string[]): OutgoingHttpHeaders {
  const named = String(headers.connection ?? '')
    .split(',')
    .map(name => name.trim().toLowerCase())
  const stays = (name: string) =>
    name.startsWith(':') || ofOneConnection.has(name) || also.includes(name) || named.includes(name)
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !stays(name)))
}
