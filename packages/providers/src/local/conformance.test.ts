import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { conformance } from '../conformance/suite.ts'
import { anySpec, bed, conductorSource } from './bed.ts'

conformance('local', async () => {
  const { folder, provider, cleanup } = bed(conductorSource)
  const note = (machine: string) => join(folder, 'machines', machine, 'workspace/note.txt')
  return {
    provider,
    spec: anySpec,
    settleMs: 30_000,
    files: {
      write: ({ machine }, text) => writeFile(note(machine), text),
      read: async ({ machine }) => (existsSync(note(machine)) ? readFile(note(machine), 'utf8') : null),
    },
    issuer: async ({ machine }) =>
      JSON.parse(await readFile(join(folder, 'machines', machine, 'conductor.json'), 'utf8')).issuer,
    halfMade: async machine => {
      await mkdir(join(folder, 'machines', machine), { recursive: true })
    },
    cleanup,
  }
})
