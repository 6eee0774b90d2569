// For tests: the command line as a program, and a folder of its own for each test.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

export const root = resolve(import.meta.dirname, '../../..')
export const bin = join(root, 'bin/run.js')

export interface Ran {
  status: number | null
  stdout: string
  stderr: string
}

/** A data folder that goes away with its scope. */
export function temporaryFolder(): Disposable & { path: string } {
  const path = mkdtempSync(join(tmpdir(), 'spoq-cli-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

/** Runs it to its end, without a terminal, a keychain or a setting of this shell. */
export async function spoq(args: string[], environment: Record<string, string> = {}): Promise<Ran> {
  const { PATH = '', HOME = '' } = process.env
  const child = spawn(process.execPath, [bin, ...args], {
    env: { PATH, HOME, SPOQ_DATA_DIR: '/nonexistent/spoq', SPOQ_KEYCHAIN: 'off', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ran: Ran = { status: null, stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', text => {
    ran.stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', text => {
    ran.stderr += text
  })
  const [status] = (await once(child, 'close')) as [number | null]
  return { ...ran, status }
}

/** What `--json` printed: its last line. */
export const lastJson = ({ stdout }: Ran) => JSON.parse(stdout.trim().split('\n').at(-1) ?? '')
