// The gateway's relay as a process of its own. Argument 1 is JSON: the sshd, the authority's key, the person's line. Prints its
// port and host key, and what it used.

import { createPrivateKey, createPublicKey } from 'node:crypto'
import { collectInPlace } from '@spoq/kit/ssh-relay'
import { startRelaying } from '../../ssh/relaying.ts'
import { tellUse } from './ssh-use.ts'

collectInPlace()
const { sshd, pem, person } = JSON.parse(process.argv[2] ?? '')
const privateKey = createPrivateKey(pem)
const authority = { privateKey, publicKey: createPublicKey(privateKey), line: '' }
const gateway = await startRelaying({ sshd, authority, person: { public: person, private: '' }, user: 'root' })
console.log(`${gateway.port} ${gateway.hostKey}`)
await tellUse()
