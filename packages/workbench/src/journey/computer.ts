// Another computer and another person: a data folder of its own, and what a browser would do at the backend.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { request } from 'undici'
import { type Ran, type RunOptions, runSpoq } from './home.ts'

export interface Computer {
  dataDir: string
  environment: Record<string, string>
  spoq(args: string[], options?: RunOptions): Promise<Ran>
  remove(): void
}

/** A computer that knows of a server and nothing else. */
export function newComputer(server: string): Computer {
  const dataDir = mkdtempSync(join(tmpdir(), 'spoq-computer-'))
  const environment = { SPOQ_DATA_DIR: dataDir, SPOQ_SERVER: server }
  return {
    dataDir,
    environment,
    spoq: (args, options = {}) =>
      runSpoq(args, { ...options, environment: { ...environment, ...options.environment } }),
    remove: () => rmSync(dataDir, { recursive: true, force: true }),
  }
}

export interface Person {
  email: string
  password: string
}

/** Signs up, as the page does. */
export async function register(server: string, { email, password }: Person): Promise<void> {
  const { statusCode } = await post(server, '/api/auth/register', { email, name: email.split('@')[0], password })
  if (statusCode >= 300) throw new Error(`sign-up of ${email} was answered ${statusCode}`)
}

/** Decides about the words that a device shows, in the person's browser. */
export async function decide(
  server: string,
  person: Person,
  words: string,
  decision: 'approve' | 'deny',
): Promise<void> {
  const signedIn = await post(server, '/api/auth/login', person)
  const cookie = [signedIn.headers['set-cookie'] ?? []].flat().map(line => line.split(';', 1)[0])
  const { statusCode } = await post(server, '/auth/authorize', { code: words, decision }, cookie.join('; '))
  if (statusCode !== 200) throw new Error(`the decision was answered ${statusCode}`)
}

/** Signs a computer in with three words that the person approves. */
export async function signIn(server: string, computer: Computer, person: Person): Promise<void> {
  const started = await computer.spoq(['login', '--start'])
  await decide(server, person, (JSON.parse(started.stdout) as { words: string }).words, 'approve')
  const finished = await computer.spoq(['login', '--finish'])
  if (finished.status !== 0) throw new Error(`the sign-in ended with ${finished.status}: ${finished.stderr}`)
}

export function post(server: string, path: string, body: object, cookie?: string) {
  return request(new URL(path, server), {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: server, ...(cookie ? { cookie } : {}) },
    body: JSON.stringify(body),
  })
}
