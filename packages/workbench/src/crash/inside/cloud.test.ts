import { conformance } from '@spoq/providers/conformance/suite'
import { openCloud } from './cloud.ts'

const spec = { owner: 'somebody', issuer: 'http://127.0.0.1:4000', jwksUrl: 'http://127.0.0.1:4000/jwks' }

conformance('of the crash bench', async () => {
  const provider = openCloud({ now: Date.now, lagMs: 0, startMs: 30, careful: true })
  return {
    provider,
    spec,
    issuer: async ({ ref }) => String(provider.issuerOf(ref)),
    settleMs: 5_000,
    cleanup: async () => {},
  }
})
