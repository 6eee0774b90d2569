// The account and the login of whoever runs a backend of their own.

import { randomBytes } from 'node:crypto'
import { readFileSync, rmSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { call } from '@spoq/client/call'
import { type Account, showAccount } from '@spoq/contracts/account'
import { SpoqError } from '@spoq/contracts/problem'
import type { Context } from '../context.ts'
import { folders } from '../data-dir.ts'
import { startDevice, tryDevice } from '../login/device.ts'
import { keepLogin, signIn } from '../login/sign-in.ts'
import { writePrivately } from '../private-file.ts'
import { backendTarget } from '../target.ts'
import { askSecret, askText } from '../terminal.ts'
import { approve, type Cookie, makeFirstAccount, type Owner, signInByPassword } from './web-session.ts'

type Say = (line: string) => void

/** Signs the command line in, as the first account that is made for it when there is none. */
export async function signInOwner(context: Context, say: Say): Promise<Account> {
  const token = read(join(folders.server(context.dataDir), 'first-account-token'))
  const target = backendTarget(context)
  if (token === undefined) return (await currentAccount(context)) ?? signInAgain(context, say)
  const owner = await newOwner(context, say)
  const { token: _, renew: __, ...anonymous } = target
  const cookie = await makeFirstAccount(anonymous, token, owner)
  say(`Made the account ${owner.email}.`)
  return signInApproved(context, cookie)
}

/** Null when nobody is signed in here any more. */
async function currentAccount(context: Context): Promise<Account | null> {
  try {
    return await call(backendTarget(context), showAccount)
  } catch (error) {
    if (error instanceof SpoqError && error.exit === new SpoqError('not_signed_in').exit) return null
    throw error
  }
}

/** The login was lost: with the password that was kept for that, else by the person. */
async function signInAgain(context: Context, say: Say): Promise<Account> {
  const kept = read(ownerFile(context))
  if (kept === undefined) return signIn(context, { device: !context.terminal.interactive, tell: say })
  return signInApproved(context, await signInByPassword(backendTarget(context).origin, JSON.parse(kept)))
}

/** The real sign-in, with the approval given by whoever holds the cookie. */
async function signInApproved(context: Context, cookie: Cookie): Promise<Account> {
  const server = backendTarget(context).origin
  const started = await startDevice(server, context.now)
  await approve(server, cookie, started.words)
  const tokens = await tryDevice(started, context.now)
  if (!tokens) throw new SpoqError('code_expired')
  return keepLogin(context, server, started.clientId, tokens)
}

/** Asked for on a terminal; else made up, and kept where only this user can read it. */
async function newOwner(context: Context, say: Say): Promise<Owner> {
  if (context.terminal.interactive) return askOwner(context)
  const kept = read(ownerFile(context))
  if (kept !== undefined) return JSON.parse(kept) as Owner
  const owner = {
    email: 'owner@localhost.localdomain',
    name: userInfo().username,
    password: randomBytes(18).toString('base64url'),
  }
  // Before the account is made: a password that is kept nowhere opens nothing.
  writePrivately(ownerFile(context), JSON.stringify(owner, null, 2))
  say(`The account's e-mail and password are in ${ownerFile(context)}, readable by you alone.`)
  return owner
}

async function askOwner({ terminal, dataDir }: Context): Promise<Owner> {
  rmSync(join(folders.server(dataDir), ownerName), { force: true })
  const flag = '--yes'
  const email = await askText(terminal, { message: 'Your e-mail address (it stays here):', flag, check: isEmail })
  const name = await askText(terminal, { message: 'Your name:', flag, default: userInfo().username })
  const password = await askSecret(terminal, { message: 'A password (8 characters or more):', flag, check: isLong })
  return { email, name, password }
}

const isEmail = (text: string) => /^[^@\s]+@[^@\s]+\.[^@\s]{2,}$/.test(text) || 'An address as name@example.com'
const isLong = (text: string) => (text.length >= 8 && text.length <= 128) || 'Between 8 and 128 characters'

const ownerName = 'first-account.json'
const ownerFile = ({ dataDir }: Context) => join(folders.server(dataDir), ownerName)

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return undefined
  }
}
