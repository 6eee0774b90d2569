// Signs this computer in and keeps the login. How: a browser here (loopback), or three words for a browser anywhere.

import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { call } from '@spoq/client/call'
import { type Account, showAccount } from '@spoq/contracts/account'
import { SpoqError } from '@spoq/contracts/problem'
import type { Context } from '../context.ts'
import { folders } from '../data-dir.ts'
import { writePrivately } from '../private-file.ts'
import { backendTarget } from '../target.ts'
import { canOpenBrowser, openBrowser } from './browser.ts'
import { type DeviceSignIn, finishDevice, startDevice, tryDevice } from './device.ts'
import type { Tokens } from './oauth.ts'
import { bestStore } from './secret-store.ts'
import { serverOf } from './server.ts'
import { changeSettings, readSettings } from './settings.ts'
import { keepTokens } from './tokens.ts'

interface Options {
  /** Three words even where a browser could be opened. */
  device: boolean
  /** Says to the person where to go. */
  tell: (lines: string) => void
}

/** Signs in, waiting for the person. For errors see `finishDevice` and `signInByLoopback`. */
export async function signIn(context: Context, { device, tell }: Options): Promise<Account> {
  const server = serverOf(context)
  if (!device && canOpenBrowser(context.terminal, process.env)) {
    const { signInByLoopback } = await import('./loopback.ts')
    const show = (url: string) => {
      tell(`Sign in with the browser that opens, or go to\n  ${url}`)
      openBrowser(url)
    }
    const { clientId, tokens } = await signInByLoopback(server, { now: context.now, show })
    return keepLogin(context, server, clientId, tokens)
  }
  const started = await startDevice(server, context.now)
  tell(deviceLines(started))
  return keepLogin(context, server, started.clientId, await finishDevice(started, context.now))
}

/** What a person needs to approve a sign-in. */
export const deviceLines = ({ words, verificationUrl }: DeviceSignIn) =>
  `To sign in go to\n  ${verificationUrl}\nand check that it shows the words\n  ${words}`

/** Starts a sign-in that `finishSignIn` completes, perhaps in another process. */
export async function beginSignIn(context: Context): Promise<DeviceSignIn> {
  const started = await startDevice(serverOf(context), context.now)
  writePrivately(pendingFile(context), JSON.stringify(started, null, 2))
  return started
}

/**
 * Completes what `beginSignIn` started. With `wait` false it asks once and answers null while nobody has approved.
 * @throws SpoqError `not_signed_in` when nothing was started; `code_expired`, `code_denied`
 */
export async function finishSignIn(context: Context, { wait }: { wait: boolean }): Promise<Account | null> {
  const started = readPending(context)
  if (!started)
    throw new SpoqError('not_signed_in', { message: 'No sign-in was started here.', next: 'Run spoq login --start.' })
  const tokens = wait ? await finishDevice(started, context.now) : await tryDevice(started, context.now)
  if (!tokens) return null
  const account = await keepLogin(context, started.server, started.clientId, tokens)
  rmSync(pendingFile(context), { force: true })
  return account
}

/** Keeps a login's secrets in the best place there is, and says once when that is a file. */
export async function keepLogin(context: Context, server: string, clientId: string, tokens: Tokens): Promise<Account> {
  const { dataDir } = context
  const store = await bestStore(dataDir, { keychain: context.setting('KEYCHAIN') !== 'off' })
  await keepTokens(context, store, server, tokens)
  if (store.name === 'file' && !readSettings(dataDir).warnedOfFile)
    console.error(
      `There is no keychain here: the login is kept in ${join(folders.cli(dataDir), 'credentials.json')}, readable by you alone.`,
    )
  changeSettings(dataDir, settings => ({
    ...settings,
    server,
    logins: { ...settings.logins, [server]: { store: store.name, clientId } },
    warnedOfFile: settings.warnedOfFile || store.name === 'file',
  }))
  return call(backendTarget({ ...context, server }), showAccount)
}

const pendingFile = ({ dataDir }: Context) => join(folders.cli(dataDir), 'sign-in.json')

function readPending(context: Context): DeviceSignIn | undefined {
  try {
    return JSON.parse(readFileSync(pendingFile(context), 'utf8')) as DeviceSignIn
  } catch {
    return undefined
  }
}
