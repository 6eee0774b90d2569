import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { probeSandbox, withoutIsolation } from '@spoq/kit/sandbox'
import { expect, test } from 'vitest'
import { closeServer } from '../http/listen.ts'
import { listenLocal, localApp } from '../http/local.ts'
import { newId } from '../id.ts'
import { runTool } from './run.ts'

const sandbox = await probeSandbox()
const isMissing = sandbox.isolation === 'none'
if (isMissing && process.env.CI === 'true') throw new Error(`the sandbox cannot be tested: ${sandbox.why}`)
if (isMissing) console.log(`skipped: ${sandbox.why}`)

test.skipIf(isMissing)('an agent cannot reach the local socket, and so not approve itself', async () => {
  const machine = realpathSync(mkdtempSync(join(tmpdir(), 'spoq-machine-')))
  const workspace = join(machine, 'workspace')
  mkdirSync(workspace)
  const socket = join(machine, 'local.sock')
  const server = await listenLocal(
    localApp({ logger: () => {}, newId, now: Date.now }, () => {}),
    socket,
  )
  const script = `require('net').connect('${socket}').on('connect', () => { console.log('reached'); process.exit() }).on('error', error => console.log(error.code))`
  const command = `node -e "${script}"`
  const origin = { session: 's', turn: 't', call: 'c' }
  const context = { signal: new AbortController().signal, client: null, origin, base: undefined }
  const run = (of: typeof sandbox) => runTool(workspace, of).run({ command }, context)

  expect(await run(withoutIsolation('to see that it is there'))).toContain('reached')
  expect(await run(sandbox)).toContain('ENOENT')

  await closeServer(server)
  rmSync(machine, { recursive: true })
})
