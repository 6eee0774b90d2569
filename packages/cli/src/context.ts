// What a command knows about where it runs: read once from flags and environment, then passed on.

import { resolve } from 'node:path'
import { dataDirectory } from './data-dir.ts'
import { type Terminal, terminalOf } from './terminal.ts'

export interface Context {
  /** The name it was called by: `spoq` or `sparebox`. */
  bin: string
  /** The folder with package.json. */
  root: string
  /** `~/.spoq`, or what SPOQ_DATA_DIR says; absolute. */
  dataDir: string
  /** What --server or SPOQ_SERVER says; undefined: the server of the last login. */
  server: string | undefined
  /** What --machine or SPOQ_MACHINE says: a name or an id. */
  machine: string | undefined
  json: boolean
  terminal: Terminal
  setting: Setting
  /** Where handles publish their keys, when SSHID_URL or GITHUB_URL says so. */
  handles?: { sshid: string | undefined; github: string | undefined }
  /** The GitHub Actions job that this runs in, where that is to sign in. */
  actions?: ActionsJob | undefined
  /** Tokens of this process alone, by what they are for. */
  memory?: Map<string, { token: string; expiresAt: number }>
  now: () => number
  /** One id for all requests of this command: it stands in the logs of the backend and of the machine. */
  requestId: string
}

/** Where a job asks GitHub for a token that says whose it is. */
export interface ActionsJob {
  url: string
  token: string
}

/** A variable of the environment by its name without prefix: SPOQ_name, else SPAREBOX_name. Empty counts as not set. */
export type Setting = (name: string) => string | undefined

export interface Flags {
  server?: string | undefined
  machine?: string | undefined
  json?: boolean | undefined
  yes?: boolean | undefined
  'data-dir'?: string | undefined
}

/** The context of one command. */
export function contextOf(flags: Flags, where: { bin: string; root: string; env: NodeJS.ProcessEnv }): Context {
  const { bin, root, env } = where
  const setting = settingOf(env)
  return {
    bin,
    root,
    dataDir: flags['data-dir'] ? resolve(flags['data-dir']) : dataDirectory(setting),
    server: flags.server ?? setting('SERVER'),
    machine: flags.machine ?? setting('MACHINE'),
    json: flags.json ?? false,
    terminal: terminalOf(env, { yes: flags.yes ?? false }),
    setting,
    handles: { sshid: env.SSHID_URL || undefined, github: env.GITHUB_URL || undefined },
    actions: actionsOf(env, setting),
    memory: new Map(),
    now: Date.now,
    requestId: `req_${crypto.randomUUID().replaceAll('-', '')}`,
  }
}

/** A job signs in by itself where it has no SPOQ_TOKEN and its workflow names the server. */
function actionsOf(env: NodeJS.ProcessEnv, setting: Setting): ActionsJob | undefined {
  const { ACTIONS_ID_TOKEN_REQUEST_URL: url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: token } = env
  return url && token && setting('SERVER') && !setting('TOKEN') ? { url, token } : undefined
}

const settingOf =
  (env: NodeJS.ProcessEnv): Setting =>
  name =>
    env[`SPOQ_${name}`] || env[`SPAREBOX_${name}`] || undefined
