// All that answers requests, put together from its parts.

import { mkdirSync, realpathSync, statfsSync } from 'node:fs'
import { join } from 'node:path'
import type { ConductorConfig } from '@spoq/contracts/machine'
import { probeOtherUser, probeSandbox, type Runner, type Sandbox } from '@spoq/kit/sandbox'
import manifest from '../package.json' with { type: 'json' }
import { type Access, accessRoutes, openAccess } from './access/index.ts'
import { type Activity, activityRoutes, openActivity } from './activity/index.ts'
import { archiveRoutes } from './archive/index.ts'
import { checkpoints } from './checkpoint/index.ts'
import { completionRoutes } from './completion/index.ts'
import { type Serve, unless } from './http/serve.ts'
import { newId } from './id.ts'
import { type Database, openLog } from './log/index.ts'
import { openMessages } from './message/index.ts'
import {
  modelKeys,
  modelOwner,
  modelRoutes,
  modelsOf,
  movePlainKey,
  noBudget,
  readSettings,
  spendingOf,
} from './model/index.ts'
import { openApiRoute } from './openapi/index.ts'
import type { Settings } from './options.ts'
import { ownLogRoute } from './own-log/route.ts'
import { ruleRoutes, ruleStore } from './rule/index.ts'
import { endLostRuns, endRuns, type LiveRuns, pruneRuns, registerRuns, runLimits, runStore } from './run/index.ts'
import { sessionRoutes, sessionStore } from './session/index.ts'
import { openSsh, type Ssh, sshRoutes } from './ssh/index.ts'
import { statusRoutes } from './status/route.ts'
import { openSyncs, syncRoutes } from './sync/index.ts'
import { clientTools, machineTools, skillTool } from './tool/index.ts'
import type { MachineTunnel } from './tunnel/index.ts'
import { clientRequests, turnsOf } from './turn/index.ts'

/** Text of a model that comes within so many ms is one event. */
const gatherMs = 25

export interface Services {
  /** Who may use the machine. */
  access: Access
  activity: Activity
  ssh: Ssh
  /** Binds all routes to a listener's app. */
  bind: (serve: Serve) => void
  /** Called with the edge's address, once it is known. */
  reachedAt: (endpoint: string | null) => void
  /** Called with what tells of the tunnel, where there may be one. */
  tunnelledBy: (tunnel: Pick<MachineTunnel, 'status'>) => void
}

/**
 * All that answers requests, brought to where the last stop left it.
 * @param undo gets what ends each part; the last one is to be ended first.
 * @param end ends the whole Conductor, for good or to start anew.
 */
export async function services(
  settings: Settings,
  config: ConductorConfig,
  database: Database,
  undo: (() => unknown)[],
  end: (how: 'stopped' | 'restart') => void,
): Promise<Services> {
  const { machine } = config
  const { folder, now, logger, endpoints, clientPatienceMs, demoPaceMs, patience } = settings
  const keys = modelKeys(folder, machine)
  const access = openAccess({ folder, members: config.members, now, keepKeys: keys.keepOfAccount })
  const workspace = workspaceOf(folder)
  const sandbox = settings.sandbox ?? (await probe(settings.runner, folder, workspace))
  const log = openLog(database, now)
  undo.push(() => log.close())

  const messages = openMessages(database, { machine, now, limits: access.messages })
  const store = sessionStore(database, log, messages)
  await movePlainKey(folder, keys)
  const modelOptions = { folder, keys, endpoints, demo: { paceMs: demoPaceMs }, patience }
  const models = modelsOf(modelOptions)
  const spending = spendingOf(database, log, now)
  const budget = () => readSettings(folder).budget ?? noBudget
  const requests = clientRequests({ newId, patienceMs: clientPatienceMs })
  const kept = checkpoints(database, { folder: join(folder, 'checkpoints'), workspace })
  const tools = settings.tools ?? machineTools({ workspace, sandbox, checkpoints: kept })
  const rules = ruleStore(database, newId, now)
  const isolated = sandbox.isolation !== 'none'
  const files = { workspace, homes: settings.homes, isolated, rules }
  const attempts = { ...settings.attempts, retries: settings.retries }
  const asking = { models, spending, budget, attempts }
  const shop = {
    ...asking,
    store,
    machineTools: tools,
    clientTools,
    skillTool: skillTool(workspace),
    requests,
    ...files,
    newId,
    gatherMs,
  }
  const turns = turnsOf(shop, logger)
  undo.push(() => turns.stop())

  const runs: LiveRuns = new Map()
  const runLog = runStore(database, log)
  const limits = runLimits(config)
  await endLostRuns(runLog)
  pruneRuns(runLog, limits, now())
  undo.push(() => endRuns(runs))
  turns.recover()

  const ssh = openSsh({ folder, machine, logger, sshd: settings.sshd })
  undo.push(() => ssh.stop())
  const activity = openActivity({ now, busy: () => runs.size > 0 || turns.isBusy() || ssh.isUsed() })
  undo.push(() => activity.stop())
  access.onChange(activity.wake)

  let endpoint: string | null = null
  const nowIso = () => new Date(now()).toISOString()
  const startedAt = nowIso()
  let tunnel: Pick<MachineTunnel, 'status'> | null = null
  const status = () => ({
    machine,
    version: manifest.version,
    startedAt,
    endpoint,
    isolation: sandbox.isolation,
    network: sandbox.network,
    workspace,
    tunnel: tunnel?.status() ?? null,
    turns: store.countOpen(),
    messages: messages.uses(),
    memoryBytes: process.memoryUsage.rss(),
    diskFreeBytes: freeBytes(folder),
  })
  const owner = modelOwner(modelOptions, spending, now)
  const syncs = openSyncs({ folder, workspace, now })
  undo.push(() => syncs.stop())
  let leaving = false
  const archive = {
    source: () => ({
      folder,
      workspace,
      sql: database.sql,
      about: { machine, conductor: manifest.version, at: nowIso() },
    }),
    atRest: () => store.countOpen() === 0 && runs.size === 0,
    // What was accepted from here on would be gone after it. The answer to who asked for it still goes out.
    restart: () => {
      leaving = true
      setImmediate(end, 'restart')
    },
  }
  const bind = (always: Serve) => {
    const awake = unless(always, () => leaving, 'The machine starts anew.')
    statusRoutes(awake, { status, stop: () => end('stopped') })
    accessRoutes(awake, access, messages)
    activityRoutes(awake, activity)
    sshRoutes(awake, ssh)
    ownLogRoute(awake, settings.ownLog)
    const serve = unless(awake, activity.isAsleep, 'The machine goes to sleep.')
    archiveRoutes(serve, archive.source, { folder, workspace, ...archive })
    openApiRoute(serve)
    modelRoutes(serve, owner)
    const { transaction } = database
    sessionRoutes(serve, { store, rules, checkpoints: kept, transaction, turns, models, requests, newId }, log)
    ruleRoutes(serve, rules)
    completionRoutes(serve, { ...shop, messages }, owner)
    syncRoutes(serve, syncs)
    registerRuns(serve, { workspace, store: runLog, runs, limits, now })
  }
  return { access, activity, ssh, bind, reachedAt: address => (endpoint = address), tunnelledBy: one => (tunnel = one) }
}

/** A Conductor that was given a runner stands where bubblewrap cannot work; else it looks for that. */
const probe = (runner: Runner | undefined, folder: string, workspace: string): Promise<Sandbox> =>
  runner ? probeOtherUser(runner, { folder, workspace }) : probeSandbox()

/** The tools' folder, by its real path, so that a link in it cannot lead out unnoticed. */
export function workspaceOf(folder: string): string {
  mkdirSync(join(folder, 'workspace'), { recursive: true, mode: 0o700 })
  return realpathSync(join(folder, 'workspace'))
}

function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize
}
