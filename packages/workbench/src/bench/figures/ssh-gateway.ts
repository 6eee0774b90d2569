// The gateway's relay as a process of its own. Argument 1 is JSON: the sshd, the authority's key, the person's line. Prints its
// port and host key; for each line on stdin, its CPU time in ms and its memory in bytes.

import { createPrivateKey, createPublicKey } from 'node:crypto'
import { createInterface } from 'node:readline'
import { startRelaying } from '../../ssh/relaying.ts'

const { sshd, pem, person } = JSON.parse(process.argv[2] ?? '')
const privateKey = createPrivateKey(pem)
const authority = { privateKey, publicKey: createPublicKey(privateKey), line: '' }
const gateway = await startRelaying({ sshd, authority, person: { public: person, private: '' }, user: 'root' })
console.log(`${gateway.port} ${gateway.hostKey}`)
for await (const _ of createInterface({ input: process.stdin })) {
  globalThis.gc?.()
  const { user, system } = process.cpuUsage()
  console.log(`${(user + system) / 1000} ${process.memoryUsage.rss()}`)
}
process.exit()
