import type { Connection } from '@spoq/contracts/connection'
import { fingerprintOf } from './fingerprint.ts'
import { addLine } from './line.ts'
import type { ConnectionRow } from './store.ts'

export const toConnection = (row: ConnectionRow): Connection => ({
  id: row.id,
  address: row.address,
  port: row.port,
  user: row.login_name,
  line: addLine(row.login_name, row.public_key),
  publicKey: row.public_key,
  fingerprint: row.host_key === null ? null : fingerprintOf(row.host_key),
  machine: row.machine_id,
  createdAt: row.created_at.toISOString(),
})
