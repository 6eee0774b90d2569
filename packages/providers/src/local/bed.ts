// For tests: a machines' folder of their own, and nothing left running in it afterwards.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MachineSpec, ProvisioningProvider } from '../provider.ts'
import { type LocalOptions, localProvider } from './index.ts'
import type { Misbehaviour } from './stand-in.ts'

export interface Bed {
  folder: string
  provider: ProvisioningProvider
  /** Another backend's provider over the same machines. */
  another(more?: Partial<LocalOptions>): ProvisioningProvider
  spec(): MachineSpec
  cleanup(): Promise<void>
}

/** Where the Conductor of this checkout starts. */
export const conductorSource = join(import.meta.dirname, '../../../conductor/src/main.ts')

/** A provider over an empty folder; `entry` is the Conductor it starts. */
export function bed(entry: string, more: Partial<LocalOptions> = {}): Bed {
  const folder = mkdtempSync(join(tmpdir(), 'spoq-local-'))
  const another = (still: Partial<LocalOptions> = {}) =>
    localProvider({
      machinesDir: join(folder, 'machines'),
      conductor: { node: process.execPath, entry },
      now: Date.now,
      ...more,
      ...still,
    })
  const provider = another()
  return {
    folder,
    provider,
    another,
    spec: () => ({ ...anySpec, machine: `mach_${crypto.randomUUID().replaceAll('-', '')}` }),
    async cleanup() {
      for (const { ref } of await provider.list()) await provider.terminate(ref)
      rmSync(folder, { recursive: true })
    },
  }
}

export const anySpec = {
  name: 'test',
  owner: 'a1b2c3d4e5f6g7h8',
  issuer: 'http://127.0.0.1:4000',
  jwksUrl: 'http://127.0.0.1:4000/jwks',
}

/** Writes an entry that starts the stand-in. */
export function entryOf(folder: string, misbehaviour: Misbehaviour): string {
  const entry = join(folder, 'entry.ts')
  const module = JSON.stringify(join(import.meta.dirname, 'stand-in.ts'))
  writeFileSync(entry, `import { standIn } from ${module}\nstandIn(${JSON.stringify(misbehaviour)})\n`)
  return entry
}
