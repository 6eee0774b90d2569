// A backend as it ships, whose machines are trusted by a certificate of their own: `node byo-backend.ts ROOT_CERTIFICATE`.

import { existsSync, readFileSync } from 'node:fs'
import tls from 'node:tls'
import { sendAccess } from '@spoq/server/access/send'
import { startBackend } from '@spoq/server/backend'
import { readConfig } from '@spoq/server/config'

const [certificate = ''] = process.argv.slice(2)

const backend = await startBackend(readConfig(process.env), {
  sendAccess: (to, snapshot) => {
    if (existsSync(certificate)) tls.setDefaultCACertificates([readFileSync(certificate, 'utf8')])
    return sendAccess(to, snapshot)
  },
})
process.once('SIGTERM', () => void backend.stop().then(() => process.exit()))
console.log('ready')
