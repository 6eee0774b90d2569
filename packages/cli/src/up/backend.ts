// A backend on this computer: the one that runs on the data folder already, else one started as a child.

import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { errorCodes, SpoqError } from '@spoq/contracts/problem'
import { folderHolder } from '@spoq/kit/folder-lock'
import type { Context } from '../context.ts'
import { folders } from '../data-dir.ts'
import { readSettings } from '../login/settings.ts'

export interface Backend extends AsyncDisposable {
  url: string
  /** False: somebody else's; it is left running. */
  ours: boolean
  /** Done when it has ended; never for one that is not ours. */
  ended: Promise<SpoqError>
}

const usualPort = 4100
const patienceMs = 60_000

/**
 * The backend of the data folder, ready to answer.
 * @param port undefined: that of last time, else the usual one; 0: any free one
 * @throws SpoqError `data_dir_in_use` when one runs there on another port, and all that a backend says when it cannot start
 */
export async function openBackend(context: Context, port: number | undefined): Promise<Backend> {
  const running = await runningBackend(context)
  if (running) return reuse(running, port)
  const last = lastPort(context)
  if (port || last === undefined) return start(context, port ?? usualPort)
  try {
    return await start(context, last)
  } catch (error) {
    // The port of last time is a wish, so that the login and the machine still fit; nobody asked for it.
    if (error instanceof SpoqError && error.code === 'port_taken') return start(context, port ?? 0)
    throw error
  }
}

/** Its address; one that is just starting is waited for. */
async function runningBackend({ dataDir }: Context): Promise<string | undefined> {
  const folder = folders.server(dataDir)
  if (!existsSync(folder)) return undefined
  for (let waited = 0; waited < patienceMs; waited += 200) {
    const holder = folderHolder(folder)
    if (!holder || holder.address) return holder?.address
    await sleep(200)
  }
  throw new SpoqError('data_dir_in_use', { message: `${folder} is in use, and who uses it says no address.` })
}

function reuse(url: string, port: number | undefined): Backend {
  if (port && Number(new URL(url).port) !== port)
    throw new SpoqError('data_dir_in_use', {
      message: `A backend runs on this data folder already, at ${url}.`,
      next: 'Leave --port out to use it, stop it, or choose another folder with SPOQ_DATA_DIR.',
    })
  return { url, ours: false, ended: new Promise(() => {}), [Symbol.asyncDispose]: async () => {} }
}

/** The port of the backend that this data folder's login is for, if that was on this computer. */
function lastPort({ dataDir }: Context): number | undefined {
  const { server } = readSettings(dataDir)
  const url = server ? new URL(server) : undefined
  return url?.hostname === '127.0.0.1' ? Number(url.port) : undefined
}

async function start(context: Context, port: number): Promise<Backend> {
  const folder = folders.server(context.dataDir)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const log = join(folder, 'server.log')
  const { SPOQ_TOKEN: _, SPAREBOX_TOKEN: __, ACTIONS_ID_TOKEN_REQUEST_TOKEN: ___, ...env } = process.env
  const child = spawn(process.execPath, [serverEntry(context.root), '--json'], {
    env: { ...env, SPOQ_DATA_DIR: context.dataDir, SERVER_PORT: String(port) },
    stdio: ['ignore', 'pipe', openSync(log, 'a', 0o600)],
    // Ctrl-C reaches this process alone; it ends the backend when the terminal has been told.
    detached: true,
  })
  const exited = new Promise<string>(resolve => {
    child.on('error', error => resolve(`could not be started: ${error.message}`))
    child.on('exit', (status, signal) => resolve(`ended ${signal ? `by ${signal}` : `with status ${status}`}`))
  })
  const ended = exited.then(how => new SpoqError('internal', { message: `The backend ${how}.`, next: `See ${log}.` }))
  try {
    const url = await Promise.race([readyUrl(child), ended])
    if (url instanceof SpoqError) throw url
    return { url, ours: true, ended, [Symbol.asyncDispose]: () => stop(child, exited) }
  } catch (error) {
    await stop(child, exited)
    throw error
  }
}

/** From a checkout: the bundle, else the source. */
function serverEntry(root: string): string {
  const candidates = ['server/dist/main.js', 'server/src/main.ts'].map(path => join(root, path))
  const found = candidates.find(path => existsSync(path))
  if (found) return found
  throw new SpoqError('config_invalid', {
    message: 'The backend is not part of this installation.',
    next: 'Run spoq up from a checkout, or use a server with spoq login --server URL.',
  })
}

/** What it says on its first line: where it answers, or why it cannot start. Undecided when it says nothing. */
async function readyUrl(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error('the backend has no stdout')
  for await (const line of createInterface({ input: child.stdout })) {
    const said = JSON.parse(line) as { server?: string; error?: { code: string; message: string; next: string } }
    child.stdout.resume()
    if (said.server) return said.server
    const code = errorCodes.find(known => known === said.error?.code) ?? 'internal'
    throw new SpoqError(code, { ...said.error })
  }
  return new Promise(() => {})
}

async function stop(child: ChildProcess, exited: Promise<string>): Promise<void> {
  child.kill('SIGTERM')
  const late = setTimeout(() => child.kill('SIGKILL'), 20_000)
  await exited
  clearTimeout(late)
}
