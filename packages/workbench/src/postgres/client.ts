// A person's program: it signs in and asks for machines. No answer, or one that says later, has it ask again, elsewhere.

import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { idempotencyKeyHeader, pathOf } from '@spoq/contracts/http'
import { createMachine, listMachines, type Machine, stopMachine } from '@spoq/contracts/machine'
import { Agent, request } from 'undici'

/** What was answered, and so has to be true ever after. */
export interface Acknowledged {
  created: { id: string; name: string }
  stopped: boolean
}

/** How often a request had to be sent again. */
export interface Tally {
  requests: number
  again: number
}

/** Signs up, makes a machine, lists, and stops it where `stops`; `ports` are of the backends that live. */
export async function client(
  at: number,
  ports: readonly number[],
  stops: boolean,
  tally: Tally,
): Promise<Acknowledged> {
  // Each from an address of its own: limits count by address.
  const localAddress = `127.1.${at >> 8}.${(at & 255) + 1}`
  const dispatcher = new Agent({ localAddress, keepAliveTimeout: 1 })
  const headers: Record<string, string> = { 'content-type': 'application/json', origin: 'http://127.0.0.1:4100' }
  let turn = at

  async function ask(method: 'GET' | 'POST', path: string, body: object = {}, key = randomUUID()) {
    for (;;) {
      tally.requests++
      const port = ports[turn % ports.length]
      try {
        const answer = await request(`http://127.0.0.1:${port}${path}`, {
          method,
          dispatcher,
          headers: { ...headers, [idempotencyKeyHeader]: key },
          ...(method === 'POST' ? { body: JSON.stringify(body) } : {}),
        })
        const json = (await answer.body.json()) as { code?: string }
        if (answer.statusCode !== 503 && answer.statusCode !== 429) return { ...answer, json }
      } catch {
        turn++
      }
      tally.again++
      await sleep(50)
    }
  }
  const expected = <T>(answer: { statusCode: number; json: unknown }, status: number): T => {
    if (answer.statusCode !== status) throw new Error(`client ${at}: ${JSON.stringify(answer.json)}`)
    return answer.json as T
  }

  const person = { email: `ann-${at}@example.com`, name: 'Ann', password: 'a long password' }
  const signedUp = await ask('POST', '/api/auth/register', person)
  // The answer that says so may have been lost with its backend.
  const signedIn = signedUp.statusCode === 201 ? signedUp : await ask('POST', '/api/auth/login', person)
  headers.cookie = [signedIn.headers['set-cookie'] ?? []]
    .flat()
    .map(line => line.split(';')[0])
    .join('; ')

  const machine = expected<Machine>(await ask('POST', createMachine.path, { name: `box-${at}` }), createMachine.status)
  const { machines } = expected<{ machines: Machine[] }>(await ask('GET', listMachines.path), listMachines.status)
  if (!machines.some(({ id }) => id === machine.id)) throw new Error(`client ${at}: its machine is not listed`)
  if (stops) expected(await ask('POST', pathOf(stopMachine.path, { machine: machine.id })), stopMachine.status)
  await dispatcher.close()
  return { created: { id: machine.id, name: machine.name }, stopped: stops }
}
