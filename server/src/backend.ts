// Wires the backend: from nothing to a listener that answers. Nothing is decided here.

import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { archiveScope } from '@spoq/contracts/archive'
import { prepareSsh } from '@spoq/contracts/ssh'
import type { Resource } from '@spoq/providers'
import type { LimitsMessages, RevokedBy } from './access/content.ts'
import { askCounts, messageCounter } from './access/count.ts'
import { askAs } from './access/send.ts'
import { machineAccess } from './access/tell.ts'
import { isAdmin } from './account/is-admin.ts'
import { registerAccount } from './account/route.ts'
import { type AccountTables, findAccount } from './account/store.ts'
import { noStore, openStore } from './backup/object/open.ts'
import { openBackups } from './backup/open.ts'
import { ownBackup } from './backup/owner.ts'
import { registerBackups } from './backup/route.ts'
import { toBackup } from './backup/shape.ts'
import { countByState as countBackups } from './backup/store.ts'
import { readToEnd } from './backup/verify.ts'
import { openCoinPay } from './coinpay/open.ts'
import type { Config } from './config.ts'
import { claim } from './connection/claim.ts'
import type { ConnectionPorts } from './connection/ports.ts'
import { registerConnections } from './connection/route.ts'
import { serversOf } from './connection/servers.ts'
import { beginPrepaid } from './credit/begin-prepaid.ts'
import { enoughFor } from './credit/enough.ts'
import { openCredit } from './credit/look.ts'
import type { CreditPorts } from './credit/ports.ts'
import { registerCredit } from './credit/route.ts'
import { databaseNow } from './db/clock.ts'
import { migrate } from './db/migrate.ts'
import { newId } from './db/new-id.ts'
import type { Database } from './db/open.ts'
import type { BackupRow } from './db/tables.ts'
import { onProfileRemoved } from './device/on-profile-removed.ts'
import type { DevicePorts } from './device/ports.ts'
import { profilesOf } from './device/pushed.ts'
import { registerDevices } from './device/route.ts'
import { recheck } from './domain/recheck.ts'
import { registerDomains } from './domain/route.ts'
import { timesOf } from './ending/ending.ts'
import { onCreditGone } from './ending/on-credit-gone.ts'
import { openEndings } from './ending/open.ts'
import { registerEndings } from './ending/route.ts'
import { gatewaySocket } from './gateway/config.ts'
import { ownName } from './gateway/place.ts'
import { openHealth } from './health/open.ts'
import { countHealth } from './health/store.ts'
import { openApp } from './http/app.ts'
import { listen } from './http/listen.ts'
import { backendDocument } from './http/openapi.ts'
import { assertTries, limits as tries } from './identity/attempt.ts'
import { paths } from './identity/auth.ts'
import { revocationsOf } from './identity/revocation.ts'
import { derive, openSecret } from './identity/secret.ts'
import type { IdentityTables } from './identity/tables.ts'
import { newUserCode } from './identity/user-code.ts'
import { fallAsleepOver } from './idle/fall-asleep.ts'
import { openIdle } from './idle/open.ts'
import { wake, wakeFor } from './idle/wake.ts'
import type { Jobs } from './job/open.ts'
import { type OpenLedger, openLedger } from './ledger/open.ts'
import { registerLedger } from './ledger/route.ts'
import { countByState, countUnclaimed, reconcileLag } from './machine/count.ts'
import { onCreditChanged } from './machine/on-credit-changed.ts'
import { onPlanChanged } from './machine/on-plan-changed.ts'
import { ownsMachine } from './machine/owner.ts'
import type { MachinePorts } from './machine/ports.ts'
import { registerMachine } from './machine/route.ts'
import { forgetDeadBackend, forgetMoved } from './machine/store.ts'
import { usualSeconds } from './machine/usual-time.ts'
import { wakeAll } from './machine/wake-all.ts'
import { openMail } from './mail/open.ts'
import type { Outbox } from './mail/outbox.ts'
import type { MailTables } from './mail/store.ts'
import { messageLimits } from './message/limits.ts'
import { messageUses } from './message/uses.ts'
import { openMetrics } from './metrics/metrics.ts'
import { serveMetrics } from './metrics/serve.ts'
import { openModelCredit } from './model-credit/open.ts'
import type { ModelCreditPorts } from './model-credit/ports.ts'
import { withCredit } from './model-credit/pushed.ts'
import { relayPath } from './model-credit/relay.ts'
import { registerModelCredit } from './model-credit/route.ts'
import { countLost } from './model-credit/store.ts'
import { accountKeys } from './model-key/pushed.ts'
import { registerModelKeys } from './model-key/route.ts'
import { followsFrom, ofCoinPay, ofStripe, takersOf } from './money.ts'
import { registerNames } from './name/route.ts'
import { type PlanPorts, planOf } from './plan/of.ts'
import { registerPlans } from './plan/route.ts'
import { plans } from './plan/table.ts'
import { isAccepted } from './policy/accept.ts'
import { registerPolicies } from './policy/route.ts'
import { openPool } from './pool/open.ts'
import { registerPool } from './pool/route.ts'
import { defaultPorts, type Ports } from './ports.ts'
import { present } from './presence.ts'
import { registerProfiles } from './profile/route.ts'
import { openCatalogs } from './provider/catalogs.ts'
import { placing } from './provider/placing.ts'
import { registerProviders } from './provider/route.ts'
import type { RateLimitTables } from './rate-limit/count.ts'
import { networkOf, openRateLimit } from './rate-limit/open.ts'
import { keepLeases } from './reconcile/keep-leases.ts'
import { openReconciler, type Reconciler } from './reconcile/open.ts'
import { sweepDns } from './reconcile/sweep-dns.ts'
import { openReleases } from './release/open.ts'
import { registerReleases } from './release/route.ts'
import { hourly, repeat } from './repeat.ts'
import { checkKeys } from './secret/check-keys.ts'
import { openKeys } from './secret/open-keys.ts'
import { rewrapAll } from './secret/rewrap.ts'
import { machineSetup } from './setup/open.ts'
import { registerSetup } from './setup/route.ts'
import { sharing } from './sharing.ts'
import { endLost } from './ssh/end.ts'
import { knownDevices } from './ssh/known-devices.ts'
import type { SshPorts } from './ssh/ports.ts'
import { decide, findWaiting } from './ssh/question/decide.ts'
import { registerSsh, registerSshGateway } from './ssh/route.ts'
import { lostMs } from './ssh/times.ts'
import { registerStatus } from './status/route.ts'
import { openStripe } from './stripe/open.ts'
import { countDisputes } from './subscription/claim-store.ts'
import { planInForce } from './subscription/in-force.ts'
import { openSubscriptions } from './subscription/look.ts'
import type { SubscriptionPorts } from './subscription/ports.ts'
import { registerSubscriptions } from './subscription/route.ts'
import { registerTasks } from './task/route.ts'
import { openTunnels, originOf, type Tunnels } from './tunnel/offer.ts'
import { openPresence } from './tunnel/presence.ts'
import { type PrivatePorts, servePrivately } from './tunnel/private.ts'
import { backupPage, backupPath } from './web/backup.ts'
import { billingPage } from './web/billing.ts'
import { openReread } from './webhook/reread.ts'

export interface Backend {
  /** The address that others reach it by. */
  url: string
  /** The port it listens on. */
  port: number
  database: Database
  /** What the verbs of machines are called with. */
  machines: MachinePorts
  reconciler: Reconciler
  ledger: OpenLedger
  /** Answers what was asked, ends what was begun, and closes the database. */
  stop(): Promise<void>
}

/**
 * Starts a backend on a data folder that nobody else uses: its caller holds the folder's lock.
 * @throws SpoqError `port_taken`, `config_invalid`; what was opened until then is closed again.
 */
export async function startBackend(config: Config, replaced: Partial<Ports> = {}): Promise<Backend> {
  const ports = { ...defaultPorts(config), ...replaced }
  const { now, log } = ports
  await using opened = new AsyncDisposableStack()

  const listener = await listen(config.host, config.port, { trustedProxy: config.trustedProxy })
  opened.defer(() => listener.close(0))
  const url = config.baseUrl ?? ownUrl(config.host, listener.port)

  const database = await ports.openDatabase({ dataDir: config.dataDir, url: config.databaseUrl })
  opened.defer(() => database.close())
  const { db } = database
  const lease = { owner: newId('backend'), ms: ports.leaseMs }
  const openIdentity = (mail: Outbox, { wake }: Jobs) =>
    ports.openIdentity({
      db,
      baseUrl: url,
      dataDir: config.dataDir,
      keyFile: config.keyFile,
      now,
      accessTokenSeconds: config.accessTokenSeconds,
      refreshTokenDays: config.refreshTokenDays,
      githubOidcUrl: config.githubOidcUrl,
      social: config.social,
      ownsMachine: (account, machine) => ownsMachine(db, account, machine),
      accessChanged: (tx, account) => wakeAll(tx, account, wake),
      comers: {
        find: (account, words) => findWaiting({ db, now }, account, words),
        decide: decision => decide({ db, now }, decision),
      },
      mail,
      log,
    })

  // Backends that start together take turns; the queue comes first, as what is migrated may send to it.
  const { kekFile, vault } = config
  const secretKeys = openKeys({ kekFile, vault }, log)
  const secrets = { db, keys: secretKeys.keys, now, log }
  const { jobs, identity, secret, mail } = await database.locked('start', async () => {
    const queue = await ports.openJobs(database, log)
    opened.defer(() => queue.stop())
    await migrate(db)
    if (database.engine === 'embedded') await forgetDeadBackend(db, await databaseNow(db))
    else opened.defer(await present(db, lease, url, log))
    await checkKeys(secrets, secretKeys, { kekFile, vault })
    const mail = await startMail(config, db, url, ports)
    opened.defer(() => mail.stop())
    const secret = await openSecret(db, config.keyFile)
    return { jobs: queue, identity: await openIdentity(mail, queue), secret, mail }
  })
  opened.defer(hourly('sweep', log, () => identity.sweep()))
  opened.defer(hourly('rewrap', log, () => database.unlessLocked('rewrap', () => rewrapAll(secrets))))
  await forgetMoved(db, identity.issuer)

  const ledger = openLedger({ ...database, now, log, headFile: config.ledgerHeadFile, everyMs: ports.ledgerMs })
  opened.defer(ledger.stop)
  const limit = openRateLimit({ db: db.withTables<RateLimitTables>(), now, log })
  opened.defer(() => limit.stop())
  const connections: ConnectionPorts = {
    ...secrets,
    isOffered: config.machineDomain !== null,
    anyAddress: config.privateServers,
    resolve: ports.resolve,
    count: account => limit.take('probe', account),
  }
  const installation = installationOf(secret)
  const providers = ports.openProviders(installation, serversOf(connections))
  const catalogOf = openCatalogs(ports)
  const { issuer, jwksUrl, machineToken: tokenFor } = identity
  const releases = openReleases({ folder: join(config.dataDir, 'server/releases'), log })
  opened.defer(() => releases.stop())
  const setup = machineSetup({
    ...ports,
    db,
    secret,
    releases,
    installation,
    issuer,
    jwksUrl,
    tls: config.machineTls,
  })
  const modelCredit: ModelCreditPorts = {
    ...{ db, ledger, baseUrl: url, fetch: ports.fetch, now, log },
    tokenKey: derive(secret, 'model credit'),
    keys: new Map(config.modelCredit.map(({ vendor, ...key }) => [vendor, key])),
  }
  const relays = openModelCredit(modelCredit, database.unlessLocked, ports.modelCreditMs)
  opened.defer(relays.stop)
  const modelKeys = withCredit(accountKeys(secrets), modelCredit)
  const tunnels = tunnelsOf(config, db, derive(secret, 'tunnel'))
  const { usualPlan: usual } = config
  const limits: LimitsMessages = rows => messageLimits({ db, usual, providers, now }, rows)
  const access = machineAccess({
    db,
    revokedBy: revokedBy(db, now),
    profilesOf: machines => profilesOf(db, machines),
    modelKeys,
    messages: limits,
    tunnels: tunnels?.offers,
    send: ports.sendAccess,
    tokenFor,
    now,
  })
  const clock = { databaseNow: () => databaseNow(db) }
  const { machineDomain } = config
  const dnsNameOf = ({ name }: { name: string }) => (machineDomain === null ? null : `${name}.${machineDomain}`)
  const dns = { zone: ports.openZone(installation), dnsNameOf }
  const reconcile = {
    ...ports,
    ...database,
    ...clock,
    ...dns,
    providers,
    lease,
    access,
    setup,
    issuer,
    jwksUrl,
    tunnels,
  }
  const reconciler = openReconciler(reconcile, ports.scanMs)
  opened.defer(keepLeases(reconcile, reconciler.wake))
  opened.defer(() => reconciler.stop())
  await jobs.work(reconciler.wake)

  const placeOf = placing(providers, catalogOf)
  const { min, max, maxAgeHours } = config.pool
  const madeAhead = {
    ...{ ...ports, db, providers, placeOf, issuer, lease },
    isHealthy: async ({ socket, machine }: Resource) =>
      socket === undefined || ports.isHealthy(`unix:${socket}`, await tokenFor(machine)),
    wake: jobs.wake,
    unlessLocked: database.unlessLocked,
    plan: plans[config.usualPlan],
    limits: { min, max },
    maxAgeMs: maxAgeHours * 3_600_000,
  }
  const pool = openPool(madeAhead, reconciler.wake, ports.scanMs)
  opened.defer(() => pool.stop())

  const accounts = db.withTables<AccountTables>()
  const accountOf = sharing((account: string) => findAccount(accounts, account))
  const emailOf = async (account: string) => (await accountOf(account))?.email ?? null
  const planPorts: PlanPorts = {
    ...{ db, usual, now },
    changed: async (trx, account) => {
      await onPlanChanged(machines, trx, account, await planInForce({ db: trx, usual }, account))
      // What they may do by it is told them.
      await wakeAll(trx, account, jobs.wake)
    },
  }
  const planOfAccount = async (account: string) => (await planOf(planPorts, account)).plan
  const machines: MachinePorts = {
    db,
    planOf: planOfAccount,
    providers,
    wake: jobs.wake,
    emailOf,
    isVerified: async account => (await accountOf(account))?.emailVerified ?? false,
    placeOf,
    prepay: (trx, machine) => beginPrepaid({ ledger, now }, trx, machine),
    claimServer: (account, connection, confirmed) => claim(connections, account, connection, confirmed),
    pool,
    now,
  }

  const backups = {
    ...secrets,
    store: config.backups ? openStore(config.backups) : noStore,
    archive: ports.archive,
    planOf: planOfAccount,
    tokenFor: (machine: string) => tokenFor(machine, archiveScope),
    unlessLocked: database.unlessLocked,
    daily: config.dailyBackups,
    wake: () => backupWork.wake(),
  }
  const backupWork = openBackups(backups, ports.backupMs)
  opened.defer(backupWork.stop)
  const endings = {
    ...machines,
    times: timesOf(config.graceDays),
    copies: config.backups !== null,
    verify: (row: BackupRow) => readToEnd(backups, row),
    linkOf: (backup: string) => `${url}${backupPath(backup)}`,
    wakeBackups: () => backupWork.wake(),
    mail,
    log,
  }
  opened.defer(openEndings(endings, database.unlessLocked, ports.endingMs).stop)
  const messages = messageCounter({ ...machines, limits, ask: askCounts({ providers, tokenFor }), log })
  const health = { ...machines, probe: ports.openProbe(machines), messages, mail, log }
  opened.defer(openHealth(health, database.unlessLocked, ports.healthMs).stop)

  const stripe = config.stripe && openStripe(config.stripe)
  const subscriptions: SubscriptionPorts = {
    ...{ db, stripe, baseUrl: url, emailOf, isVerified: machines.isVerified, mail, now, log },
    operators: config.adminEmails,
    changed: followsFrom(endings, planPorts),
  }
  opened.defer(openSubscriptions(subscriptions, database.unlessLocked, ports.subscriptionMs).stop)
  const credit: CreditPorts = {
    ...{ db, ledger, stripe, baseUrl: url, emailOf, isVerified: machines.isVerified, mail, now, log },
    coinpay: config.coinpay && openCoinPay(config.coinpay),
    reaches: async (trx, account, { isEmpty, isGone, to }) => {
      await onCreditChanged(machines, trx, account, isEmpty)
      if (isGone) await onCreditGone(endings, trx, account, to)
    },
    wake: () => creditWork.wake(),
  }
  const creditWork = openCredit(credit, database.unlessLocked, ports.creditMs)
  opened.defer(creditWork.stop)

  const reread = openReread({
    ...{ db, unlessLocked: database.unlessLocked, now, log, pause: sleep },
    handlers: { ...(stripe ? ofStripe({ ...subscriptions, stripe }, credit) : {}), ...ofCoinPay(credit) },
  })
  opened.defer(reread.stop)
  const webhooks = takersOf(config, { db, wake: reread.wake, now, log })

  const devices: DevicePorts = { ...machines, mail, logins: identity.logins }
  const presence = openPresence(now)
  if (tunnels) {
    const { callerOf } = identity
    const sleeping = { callerOf, revokedBy: revokedBy(db, now), fallAsleep: fallAsleepOver(tokenFor), wake: jobs.wake }
    const idleAfterMs = async (account: string) => ports.idleAfterMs(await planOfAccount(account))
    const idle = { ...ports, ...database, ...sleeping, providers, idleAfterMs }
    // Where there is no gateway nobody could wake them by asking.
    opened.defer(openIdle(idle, ports.idleMs).stop)
    const wakeUp = async (machine: string, token: string) => {
      const waking = await wake(idle, machine, token)
      // Somebody waits: the job, which another backend may hear, takes its time.
      if (waking) reconciler.wake(machine)
      return waking
    }
    const identityDb = db.withTables<AccountTables & IdentityTables>()
    const ssh: SshPorts = {
      wakeUp: async (machine, by) => {
        const waking = await wakeFor(idle, by, machine)
        if (waking) reconciler.wake(machine)
        return waking
      },
      ...{ db, now, log, devices: ports.sshDevices ?? knownDevices(devices), sessionsAnAccount: 64 },
      logins: identity.logins,
      asking: {
        count: address => assertTries(identityDb, tries.sshQuestion, [`address:${networkOf(address)}`], now()),
        words: newUserCode,
        page: `${url}${paths.verify}`,
        seconds: 600,
      },
      prepare: async (machine, endpoint, authorities) =>
        askAs({ endpoint, token: await tokenFor(machine) }, ask => ask(prepareSsh, { body: { authorities } })),
    }
    opened.defer(repeat({ name: 'ssh', everyMs: lostMs, log }, () => endLost(ssh)).stop)
    const more: PrivatePorts['more'] = serve => registerSsh(serve, ssh)
    const asked = { db, key: tunnels.key, presence, planOf: planOfAccount, now, log }
    const gateways = { ...asked, wakeUp, came: reconciler.wake, more }
    opened.defer(await servePrivately(gateways, gatewaySocket(config.dataDir)))
  }
  const metrics = openMetrics({
    backups: () => countBackups(db),
    disputes: () => countDisputes(db),
    health: () => countHealth(db),
    ledger: ledger.wrong,
    lostCalls: () => countLost(db),
    machines: () => countByState(db),
    pool: () => countUnclaimed(db),
    reconcileLag: () => reconcileLag(db, now()),
    tunnels: presence.count,
  })
  const domains = { db, planOf: planOfAccount, resolveTxt: ports.resolveTxt, machineDomain, now, log }
  opened.defer(hourly('domains', log, () => database.unlessLocked('domains', () => recheck(domains))))
  if (machineDomain !== null) opened.defer(hourly('dns', log, () => sweepDns(reconcile, machineDomain)))

  if (config.metrics) {
    const metricsListener = await serveMetrics(metrics, config.metrics)
    opened.defer(() => metricsListener.close(0))
    log('info', 'metrics.served', { host: config.metrics.host, port: metricsListener.port })
  }

  const app = openApp({
    authenticate: identity.authenticate,
    log,
    now,
    answered: metrics.answered,
    count: limit.take,
    isAdmin: account => isAdmin(accounts, config.adminEmails, account),
    isAway: database.isAway,
  })
  registerStatus(app.serve, db)
  registerAccount(app.serve, {
    db: accounts,
    dataDir: config.dataDir,
    locked: database.locked,
    signUp: identity.signUp,
  })
  identity.register(app.serve)
  registerMachine(app.serve, machines)
  registerConnections(app.serve, connections)
  registerBackups(app.serve, backups)
  registerEndings(app.serve, endings)
  registerTasks(app.serve, machines)
  registerDomains(app.serve, domains)
  registerNames(app.serve, { db, now })
  registerSshGateway(app.serve, { db, addresses: config.sshAddresses, now })
  registerProfiles(app.serve, { ...machines, removed: onProfileRemoved(machines) })
  registerDevices(app.serve, devices)
  registerPlans(app.serve, planPorts, account => messageUses({ ...planPorts, providers }, account))
  registerSubscriptions(app.serve, subscriptions)
  registerCredit(app.serve, credit)
  registerLedger(app.serve, ledger)
  registerPool(app.serve, madeAhead, pool.look)
  registerReleases(app.serve, releases, identity.signRelease)
  registerSetup(app.serve, { db, wake: jobs.wake, now })
  registerPolicies(app.serve, { db, now })
  registerProviders(app.serve, {
    ...{ providers, catalogOf, placeOf, planOf: planOfAccount },
    usualSecondsOf: provider => usualSeconds(db, provider),
    enoughFor: wanted => enoughFor({ ledger }, db, wanted),
    isAccepted: (account, policy) => isAccepted(db, account, policy),
  })
  registerModelCredit(app.serve, { ...modelCredit, changed: (tx, account) => wakeAll(tx, account, jobs.wake) })
  registerModelKeys(app.serve, {
    ...secrets,
    check: ports.checkModelKey,
    count: account => limit.take('modelKey', account),
    changed: (tx, account) => wakeAll(tx, account, jobs.wake),
  })
  const document = backendDocument(url)
  const backupPages = {
    authenticate: identity.authenticate,
    signInPath: paths.signIn,
    show: async (account: string, id: string) => toBackup(await ownBackup(db, { account }, id)),
  }
  app.otherwise(async (request, requestId) => {
    const { pathname } = new URL(request.url)
    if (pathname === '/openapi.json') return Response.json(document)
    if (pathname.startsWith(relayPath)) return relays.answer(request)
    const taken = request.method === 'POST' ? webhooks.get(pathname) : undefined
    if (taken) return taken(request)
    const page = billingPage(request) ?? (await backupPage(backupPages, request))
    return page ?? identity.handler(request, requestId)
  })
  listener.answer(app.fetch)
  opened.defer(() => listener.close(5_000))

  const running = opened.move()
  return { url, port: listener.port, database, machines, reconciler, ledger, stop: () => running.disposeAsync() }
}

/** How machines without an address are reached; null without a domain for them. */
function tunnelsOf(
  { machineDomain: domain, gatewayUrls }: Config,
  db: Database['db'],
  key: string,
): Tunnels | undefined {
  if (domain === null) return undefined
  const usual = [`${originOf(domain, ownName)}/tunnel`]
  return openTunnels({ db, key, domain, gatewayUrls: gatewayUrls.length > 0 ? gatewayUrls : usual })
}

/** What machines are to refuse, as identity's rows say it. */
function revokedBy(db: Database['db'], now: () => number): RevokedBy {
  const identityDb = db.withTables<AccountTables & IdentityTables>()
  return async accounts => {
    const revoked = Map.groupBy(await revocationsOf(identityDb, accounts, now()), ({ account }) => account)
    return new Map(
      [...revoked].map(([account, rows]) => [
        account,
        rows.map(({ credential, until }) => ({ credential, until: until.toISOString() })),
      ]),
    )
  }
}

/** Begins to deliver mails; what waits is sealed for the backends of this database. */
async function startMail(config: Config, db: Database['db'], baseUrl: string, { now, log }: Ports): Promise<Outbox> {
  const { smtpUrl, mailFrom: from, dataDir } = config
  const secret = derive(await openSecret(db, config.keyFile), 'mail')
  return openMail({ db: db.withTables<MailTables>(), secret, log, now, smtpUrl, from, baseUrl, dataDir })
}

/** What this Spoq's machines are marked with at a provider: the same for all backends of a database. Letters and digits. */
const installationOf = (secret: string) =>
  derive(secret, 'installation')
    .replace(/[^A-Za-z0-9]/g, '')
    .toLowerCase()
    .slice(0, 12)

function ownUrl(host: string, port: number): string {
  // "Any address" is none that can be called.
  const called = { '0.0.0.0': '127.0.0.1', '::': '::1' }[host] ?? host
  return `http://${called.includes(':') ? `[${called}]` : called}:${port}`
}
