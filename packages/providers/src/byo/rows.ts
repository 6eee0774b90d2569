// For tests: what a backend knows of servers, in memory.

import type { SshTarget } from '@spoq/kit/ssh-job'
import type { Connection, Connections } from './index.ts'

export interface Rows {
  connections: Connections
  rows: Map<string, Connection>
  /** What was done to them. */
  calls: string[]
  /** Has a machine be on a server; the connection's name. */
  bring: (machine: string) => string
}

export function keepRows(target: (ref: string) => Promise<SshTarget>): Rows {
  const rows = new Map<string, Connection>()
  const calls: string[] = []
  return {
    rows,
    calls,
    bring(machine) {
      const ref = `conn_${machine.slice(5)}`
      // No user of any computer: no file of keys of anybody's is touched.
      const row = { ref, machine, user: 'nobody-of-spoq', publicKey: 'ssh-ed25519 AAAAtest x' }
      if (!rows.has(ref)) rows.set(ref, { ...row, isEnding: false, isCleaned: false })
      return ref
    },
    connections: {
      find: async machine => [...rows.values()].find(row => row.machine === machine) ?? null,
      get: async ref => rows.get(ref) ?? null,
      list: async () => [...rows.values()],
      target,
      async noteCleaned(ref) {
        calls.push('cleaned')
        const row = rows.get(ref)
        if (row) rows.set(ref, { ...row, isCleaned: true })
      },
      async forget(ref) {
        calls.push('forget')
        rows.delete(ref)
      },
      rotate: async () => void calls.push('rotate'),
    },
  }
}
