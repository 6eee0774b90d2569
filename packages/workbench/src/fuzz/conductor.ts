// A Conductor as a target: its edge, as members, strangers and its backend see it, or its local socket. Its model calls
// a tool that asks first; whatever is sent, that tool runs only for a call that somebody allowed.

import { call } from '@spoq/client/call'
import type { ConductorOptions } from '@spoq/conductor/conductor'
import { alice, testBackend } from '@spoq/conductor/testing/backend'
import { machineFolder, overLocal, setModels, startMachine, useModel } from '@spoq/conductor/testing/machine'
import { backendScope } from '@spoq/contracts/access'
import { vendors } from '@spoq/contracts/model'
import { showOpenApi } from '@spoq/contracts/openapi'
import { operationsOf } from '../access/operations.ts'
import { startOpenAi } from '../stand-ins/openai.ts'
import { type Guarded, guardedTool } from './guarded-tool.ts'
import type { Target } from './target.ts'
import { machineThings } from './things.ts'

/** Who sends: a member or a stranger at the edge, its backend there, or whoever may open the local socket. */
export type Sender = 'edge' | 'backend' | 'local'

/** A Conductor that ends with the test. */
export async function conductorTarget(sender: Sender): Promise<{ target: Target; guarded: Guarded }> {
  const logged: string[] = []
  const { sign, config } = await testBackend(Date.now())
  const folder = machineFolder({ ...config, edge: { host: '127.0.0.1', port: 0 } })
  const model = useModel(folder, await startOpenAi(guardedTool.script))
  setModels(folder, { url: Object.fromEntries(vendors.map(vendor => [vendor, model.url])) })
  const guarded = guardedTool.make(logged)
  const logger: ConductorOptions['logger'] = ({ level, ...entry }) => {
    if (level === 'error')
      logged.push(JSON.stringify(entry, (_, value) => (value instanceof Error ? value.stack : value)))
  }
  const { endpoint, socket } = await startMachine(folder, { tools: [guarded.tool], logger })
  const local = overLocal(socket)
  guarded.watch(local)
  const bearer = async (claims: Record<string, unknown>) => ({ authorization: `Bearer ${await sign(claims)}` })
  const credentials = {
    edge: await Promise.all([
      bearer({}),
      bearer({}),
      bearer({ scope: 'machine:read' }),
      bearer({ sub: 'malloryaccount00001' }),
    ]),
    backend: [await bearer({ sub: config.issuer, scope: backendScope })],
    local: [{}],
  }[sender]
  const all = operationsOf(await call(local, showOpenApi))
  const meant = {
    edge: () => true,
    backend: (caller: string) => caller === 'backend',
    // Whoever may open the local socket may end the Conductor: that is no fault to be found.
    local: (caller: string) => caller !== 'local',
  }[sender]
  let things: Awaited<ReturnType<typeof machineThings>> | undefined
  const target: Target = {
    url: sender === 'local' ? 'http://machine' : (endpoint ?? ''),
    ...(sender === 'local' ? { socket } : {}),
    operations: all.filter(({ caller }) => meant(caller)),
    logged,
    known: async () => {
      model.asked.length = 0
      // A backend may have said meanwhile that no message is left: what it knows it keeps.
      if (sender !== 'backend' || !things) things = await machineThings(local, { model: model.url, account: alice })
      return { ...things, credentials }
    },
  }
  return { target, guarded }
}
