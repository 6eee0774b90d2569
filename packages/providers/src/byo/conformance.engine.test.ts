// The suite against a real sshd: on servers that the environment names by `npm run conformance -- byo`, else on one of the
// test's own, where each machine has a folder of its own for its marker.

import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { SshTarget } from '@spoq/kit/ssh-job'
import { type SshServer, startSshServer, whyNoServer } from '@spoq/workbench/vps/ssh-server'
import { afterAll, beforeAll, describe } from 'vitest'
import { conformance } from '../conformance/suite.ts'
import { testSpec } from '../conformance/test-spec.ts'
import { byoProvider } from './index.ts'
import { keepRows } from './rows.ts'

const { BYO_ADDRESS, BYO_PORT = '22', BYO_USER = 'root', BYO_KEY_FILE, BYO_HOST_KEY } = process.env

/** The one that the environment names is used as its user; its markers are put into folders of the test's own. */
const isTheRealOne = process.env.SPOQ_CONFORMANCE === 'byo' && BYO_ADDRESS !== undefined
if (isTheRealOne && (!BYO_KEY_FILE || !BYO_HOST_KEY))
  throw new Error(
    'With BYO_ADDRESS set BYO_KEY_FILE and BYO_HOST_KEY (ssh-ed25519 AAAA…); BYO_USER and BYO_PORT as needed.',
  )
const why = isTheRealOne ? null : whyNoServer()

describe.skipIf(why !== null)('byo', () => {
  let server: SshServer | undefined
  beforeAll(async () => {
    if (!isTheRealOne && why === null) server = await startSshServer()
  }, 180_000)
  afterAll(() => server?.[Symbol.asyncDispose]())

  conformance('byo', async () => {
    const target: SshTarget = server?.target ?? {
      ...{ host: String(BYO_ADDRESS), port: Number(BYO_PORT), user: BYO_USER, asRoot: true },
      ...{ privateKey: readFileSync(String(BYO_KEY_FILE), 'utf8'), hostKey: String(BYO_HOST_KEY) },
    }
    const run = randomBytes(4).toString('hex')
    const rows = keepRows(async () => target)
    const folderOf = (machine: string) => `/run/spoq-conformance-${run}/${machine}`
    // An owner's server carries one machine: here each has its own folder, as if it were a server.
    const one = (machine: string) =>
      byoProvider({
        connections: rows.connections,
        installation: run,
        removal: 'rm -rf "$1" && echo done\n',
        folder: folderOf(machine),
      })
    const machineOf = async (ref: string) => (await rows.connections.get(ref))?.machine ?? ref
    const of = async (ref: string) => one(await machineOf(ref))
    const provider = one('any')
    return {
      provider: {
        ...provider,
        create: async spec => {
          rows.bring(spec.machine)
          return one(spec.machine).create(spec)
        },
        status: async ref => (await of(ref)).status(ref),
        suspend: async ref => (await of(ref)).suspend(ref),
        resume: async ref => (await of(ref)).resume(ref),
        terminate: async ref => (await of(ref)).terminate(ref),
        find: machine => one(machine).find(machine),
      },
      spec: testSpec,
      settleMs: 30_000,
      cleanup: async () => {
        for (const { ref } of await rows.connections.list()) await (await of(ref)).terminate(ref)
      },
    }
  })
})
