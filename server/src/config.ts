// The backend's configuration: environment variables, checked once at start. None is needed.

import { isIP } from 'node:net'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { type ProviderName, providerNames } from '@spoq/contracts/machine'
import { type PlanName, planNames } from '@spoq/contracts/plan'
import { SpoqError } from '@spoq/contracts/problem'
import type { SshPlace } from '@spoq/contracts/ssh'
import { vendorCalls } from '@spoq/kit/model-vendor'
import * as z from 'zod/mini'
import { isEachSshAddress, isEachWebAddress, sshPlaceOf } from './gateway/addresses.ts'
import { domainForm } from './gateway/config.ts'
import { type AppOptions, githubUrl, googleUrl, type SocialOptions } from './identity/social/provider.ts'

const logLevels = ['debug', 'info', 'warn', 'error'] as const

export interface Config {
  /** Where everything is kept; this backend's part is `server/` in it. */
  dataDir: string
  host: string
  /** Of the secret that all backends of a database have. */
  keyFile: string
  /** 0: any free one. */
  port: number
  /** Of the keys that secrets are sealed with, all backends' too. */
  kekFile: string
  /** Whose transit engine they are sealed with; null: the file's keys are used. */
  vault: VaultConfig | null
  /** The address that others reach this backend by, without a slash at its end; null: the one it listens on. */
  baseUrl: string | null
  accessTokenSeconds: number
  refreshTokenDays: number
  /** The PostgreSQL that this backend shares with others; null: the embedded database. Holds a password. */
  databaseUrl: string | null
  /** Where the issuer of GitHub Actions' ID tokens is. */
  githubOidcUrl: string
  /** Other services that one can sign in with. */
  social: SocialOptions
  /** Machines that are servers are reached at `https://NAME.` and this; null: this backend sets up none. */
  machineDomain: string | null
  /** Where the names of machines stand; null: whoever runs this server sees to that. */
  dns: DnsConfig | null
  /** Who vouches for their certificates: a public authority, or each server for itself. */
  machineTls: 'public' | 'internal'
  /** Whether servers that owners bring may have private addresses: on an owner's own computer, or as said. */
  privateServers: boolean
  /** Providers that allow torrents, as whoever runs this server has made out with them. */
  torrentProviders: readonly ProviderName[]
  /** Keys of the providers that this backend offers beside its own. */
  keys: ProviderKeys
  /** The Docker Engine on which machines are made, and the image of one; null: not offered. */
  docker: DockerConfig | null
  logLevel: (typeof logLevels)[number]
  /** Where machines connect to that have no address of their own, by a connection to each; none: where the domain says. */
  gatewayUrls: readonly string[]
  /** The verified e-mail addresses of those who run this server, in small letters. */
  adminEmails: readonly string[]
  /** Where people reach gateways over SSH, the usual place first; none: no domain says it. */
  sshAddresses: readonly SshPlace[]
  /** How many machines are kept ready before anybody asks, and how long each; 0: none. */
  pool: { min: number; max: number; maxAgeHours: number }
  /** Who takes cards for it, and what its messages are signed with; null: nothing is sold by card. */
  stripe: { key: string; webhookSecret: string; url: string } | null
  /** Who takes coins for it, and what its messages are signed with; null: nothing is sold for coins. */
  coinpay: { key: string; webhookSecret: string; url: string } | null
  /** Our own keys for models, which accounts use on Spoq credit. */
  modelCredit: { vendor: 'anthropic' | 'openai'; key: string; url: string }[]
  /** The plan of who bought none: all that there is, on an owner's own computer. */
  usualPlan: PlanName
  /** How long a machine may be unused until it sleeps, where its provider has that; null: as long as its plan says. */
  idleMinutes: number | null
  /** Addresses of proxies whose word is taken for where a request came from. */
  trustedProxy: readonly string[]
  /** Where mails are sent through; null: into a folder. */
  smtpUrl: string | null
  /** Who mails are from: `Spoq <spoq@example.com>`; null: made from the base address. */
  mailFrom: string | null
  /** Where backups are stored: an S3 (its address holds a key), or a folder; null: nowhere, and none are made. */
  backups: { s3: string; folder?: never } | { folder: string; s3?: never } | null
  /** Where the heads of the ledger's chain are written to, outside the database. */
  ledgerHeadFile: string
  /** How long a machine that its owner ends is kept, in days. */
  graceDays: number
  /** Whether machines are copied each day: where backups have a place that somebody has chosen. */
  dailyBackups: boolean
  /** Where Prometheus may ask; null: nowhere. */
  metrics: { host: string; port: number } | null
}

export type DnsConfig =
  | { kind: 'cloudflare'; token: string; zoneId: string; url: string | undefined }
  | { kind: 'file'; file: string }

/** Null: not offered. Each with the address that its API's document starts at, where that is another than usual. */
export interface ProviderKeys {
  hetzner: { token: string; url: string | undefined } | null
  digitalocean: { token: string; url: string | undefined } | null
  vultr: { key: string; url: string | undefined } | null
  contabo: ContaboKeys | null
  hostinger: { key: string; url: string | undefined } | null
}

export interface ContaboKeys {
  clientId: string
  clientSecret: string
  user: string
  password: string
  url: string | undefined
  authUrl: string | undefined
}

export interface DockerConfig {
  host: string
  image: string
  socketsDir: string | undefined
  reach: readonly string[]
}

export interface VaultConfig {
  url: string
  mount: string
  key: string
  /** Null: it stands in `tokenFile`, which is read at each use. */
  token: string | null
  tokenFile: string | null
}

const whole = (least: number, most: number) =>
  z.coerce
    .number('not a number')
    .check(
      z.refine(
        n => Number.isInteger(n) && n >= least && n <= most,
        `a whole number from ${least} to ${most} is needed`,
      ),
    )

const webAddress = z.url({ protocol: /^https?$/, error: 'a http or https address is needed' })

const never = (reason: string) => z.optional(z.string().check(z.refine(() => false, reason)))

const environment = z.object({
  SPOQ_DATA_DIR: z._default(z.string(), join(homedir(), '.spoq')),
  SERVER_HOST: z._default(z.string(), '127.0.0.1'),
  SERVER_PORT: z._default(whole(0, 65_535), 4100),
  BASE_URL: z.optional(
    z
      .url({ protocol: /^https?$/, error: 'a http or https address is needed', abort: true })
      .check(z.refine(isOrigin, 'an origin is needed, without a path')),
  ),
  JWT_ACCESS_TOKEN_EXPIRY_SECS: z._default(whole(60, 86_400), 3_600),
  JWT_REFRESH_TOKEN_EXPIRY_DAYS: z._default(whole(1, 365), 30),
  JWT_SECRET: never('keys are asymmetric and made by the backend itself; take this variable away'),
  TRUSTED_PROXY: z.optional(
    z.string().check(z.refine(isNetworks, 'addresses as 10.0.0.1 or 10.0.0.0/8 are needed, with commas between')),
  ),
  MACHINE_DOMAIN: z.optional(z.string().check(z.regex(domainForm, 'a domain as spoq.dev is needed'))),
  GATEWAY_URL: z.optional(
    z
      .string()
      .check(
        z.refine(
          text => isEachWebAddress(listed(text)),
          'http or https addresses are needed, each once, with commas between',
        ),
      ),
  ),
  GATEWAY_SSH_ADDRESS: z.optional(
    z
      .string()
      .check(
        z.refine(
          text => isEachSshAddress(listed(text)),
          'hosts are needed, or hosts and ports, each once: ssh.spoq.dev:2222,203.0.113.7',
        ),
      ),
  ),
  STRIPE_SECRET_KEY: z.optional(z.string()),
  STRIPE_WEBHOOK_SECRET: z.optional(z.string()),
  STRIPE_API_URL: z._default(
    webAddress.check(z.refine(isOrigin, 'an origin is needed, without a path')),
    'https://api.stripe.com',
  ),
  COINPAY_API_KEY: z.optional(z.string()),
  COINPAY_WEBHOOK_SECRET: z.optional(z.string()),
  COINPAY_API_URL: z._default(
    webAddress.check(z.refine(isOrigin, 'an origin is needed, without a path')),
    'https://coinpayportal.com',
  ),
  CREDIT_ANTHROPIC_KEY: z.optional(z.string()),
  CREDIT_ANTHROPIC_URL: z._default(webAddress, vendorCalls.anthropic.url),
  CREDIT_OPENAI_KEY: z.optional(z.string()),
  CREDIT_OPENAI_URL: z._default(webAddress, vendorCalls.openai.url),
  DEFAULT_PLAN: z.optional(z.enum(planNames, `one of ${planNames.join(', ')} is needed`)),
  MACHINE_IDLE_MINUTES: z.optional(whole(1, 525_600)),
  SMTP_URL: z.optional(z.url({ protocol: /^smtps?$/, error: 'an address as smtp://user:password@host:587 is needed' })),
  MAIL_FROM: z.optional(
    z.string().check(z.regex(/^[^\r\n<>]*<?[^\s<>@]+@[\w.-]+>?$/, 'as Spoq <spoq@example.com> is needed')),
  ),
  BACKUP_DIR: z.optional(z.string()),
  S3_URL: z.optional(
    z.string().check(z.refine(isS3, 'an address as https://KEY:SECRET@host/bucket?region=eu-central-1 is needed')),
  ),
  LEDGER_HEAD_FILE: z.optional(z.string()),
  MACHINE_GRACE_DAYS: z._default(whole(1, 90), 7),
  METRICS_HOST: z._default(z.string(), '127.0.0.1'),
  METRICS_PORT: z.optional(whole(0, 65_535)),
  DATABASE_URL: z.optional(
    z.url({
      protocol: /^postgres(ql)?$/,
      error: 'an address such as postgres://USER:PASSWORD@HOST:5432/NAME is needed',
    }),
  ),
  KEY_FILE: z.optional(z.string()),
  KEK_FILE: z.optional(z.string()),
  // The key decides: an address and a token are often set for other programs.
  VAULT_TRANSIT_KEY: z.optional(z.string().check(z.regex(/^[\w.-]+$/, 'the name of a transit key is needed'))),
  VAULT_TRANSIT_MOUNT: z._default(
    z.string().check(z.regex(/^[\w./-]+$/, 'the path of an engine is needed')),
    'transit',
  ),
  VAULT_ADDR: z.optional(z.string()),
  VAULT_TOKEN: z.optional(z.string()),
  VAULT_TOKEN_FILE: z.optional(z.string()),
  GITHUB_OIDC_URL: z._default(
    z.url({ protocol: /^https?$/, error: 'a http or https address is needed' }),
    'https://token.actions.githubusercontent.com',
  ),
  GITHUB_CLIENT_ID: z.optional(z.string()),
  GITHUB_CLIENT_SECRET: z.optional(z.string()),
  GITHUB_REDIRECT_URI: z.optional(webAddress),
  GITHUB_URL: z._default(webAddress, githubUrl),
  GOOGLE_CLIENT_ID: z.optional(z.string()),
  GOOGLE_CLIENT_SECRET: z.optional(z.string()),
  GOOGLE_URL: z._default(webAddress, googleUrl),
  MACHINE_TLS: z._default(z.enum(['public', 'internal'], 'public or internal is needed'), 'public'),
  BYO_PRIVATE: z.optional(z.stringbool()),
  CLOUDFLARE_API_TOKEN: z.optional(z.string()),
  CLOUDFLARE_ZONE_ID: z.optional(z.string().check(z.regex(/^[0-9a-f]{32}$/, '32 hexadecimal digits are needed'))),
  CLOUDFLARE_API_URL: z.optional(webAddress),
  DNS_FILE: z.optional(z.string()),
  TORRENT_PROVIDERS: z.optional(
    z.string().check(z.refine(isProviders, `providers are needed, with commas between: ${providerNames.join(', ')}`)),
  ),
  HETZNER_TOKEN: z.optional(z.string()),
  HETZNER_API_URL: z.optional(webAddress),
  DOCKER_HOST: z.optional(z.string()),
  DOCKER_IMAGE: z._default(z.string(), 'spoq-machine'),
  DOCKER_SOCKETS_DIR: z.optional(z.string().check(z.startsWith('/', 'the path of a folder is needed, from / on'))),
  DOCKER_REACH: z.optional(
    z.string().check(z.refine(isEndpoints, 'addresses with ports as 203.0.113.7:443 are needed, with commas between')),
  ),
  ADMIN_EMAILS: z.optional(z.string().check(z.refine(isAddresses, 'e-mail addresses are needed, with commas between'))),
  POOL_MIN: z.optional(whole(0, 1_000)),
  POOL_MAX: z.optional(whole(0, 1_000)),
  POOL_MAX_AGE_HOURS: z._default(whole(1, 720), 24),
  DIGITALOCEAN_TOKEN: z.optional(z.string()),
  DIGITALOCEAN_API_URL: z.optional(webAddress),
  VULTR_API_KEY: z.optional(z.string()),
  VULTR_API_URL: z.optional(webAddress),
  CONTABO_CLIENT_ID: z.optional(z.string()),
  CONTABO_CLIENT_SECRET: z.optional(z.string()),
  CONTABO_API_USER: z.optional(z.string()),
  CONTABO_API_PASSWORD: z.optional(z.string()),
  CONTABO_API_URL: z.optional(webAddress),
  CONTABO_AUTH_URL: z.optional(webAddress),
  HOSTINGER_API_KEY: z.optional(z.string()),
  HOSTINGER_API_URL: z.optional(webAddress),
  LOG_LEVEL: z._default(z.enum(logLevels, `one of ${logLevels.join(', ')} is needed`), 'info'),
})

/**
 * Reads the configuration. A variable that is set to nothing counts as not set.
 * @throws SpoqError `config_invalid` that names everything that is wrong.
 */
export function readConfig(env: Record<string, string | undefined>): Config {
  const parsed = environment.safeParse(Object.fromEntries(Object.entries(env).filter(([, value]) => value)))
  if (!parsed.success) throw invalid(parsed.error.issues)
  const { data } = parsed
  if (data.DATABASE_URL && !data.BASE_URL) throw invalid([addressNeeded])
  const keyFile = data.KEY_FILE ?? join(data.SPOQ_DATA_DIR, 'server', 'secret')
  return {
    dataDir: data.SPOQ_DATA_DIR,
    host: data.SERVER_HOST,
    port: data.SERVER_PORT,
    baseUrl: data.BASE_URL === undefined ? null : new URL(data.BASE_URL).origin,
    accessTokenSeconds: data.JWT_ACCESS_TOKEN_EXPIRY_SECS,
    refreshTokenDays: data.JWT_REFRESH_TOKEN_EXPIRY_DAYS,
    keyFile,
    kekFile: data.KEK_FILE ?? join(dirname(keyFile), 'kek.json'),
    vault: vaultOf(data),
    databaseUrl: data.DATABASE_URL ?? null,
    githubOidcUrl: data.GITHUB_OIDC_URL.replace(/\/+$/, ''),
    social: socialOf(data),
    machineDomain: data.MACHINE_DOMAIN ?? null,
    dns: dnsOf(data),
    machineTls: data.MACHINE_TLS,
    privateServers: data.BYO_PRIVATE ?? !data.DATABASE_URL,
    torrentProviders: listed(data.TORRENT_PROVIDERS) as ProviderName[],
    keys: keysOf(data),
    docker: dockerOf(data),
    adminEmails: listed(data.ADMIN_EMAILS).map(email => email.toLowerCase()),
    pool: poolOf(data),
    logLevel: data.LOG_LEVEL,
    gatewayUrls: listed(data.GATEWAY_URL),
    sshAddresses: sshAddressesOf(data),
    stripe: stripeOf(data),
    coinpay: coinpayOf(data),
    modelCredit: modelCreditOf(data),
    usualPlan: data.DEFAULT_PLAN ?? (data.DATABASE_URL || data.STRIPE_SECRET_KEY ? 'free' : 'enterprise'),
    idleMinutes: data.MACHINE_IDLE_MINUTES ?? null,
    trustedProxy: data.TRUSTED_PROXY?.split(',').map(one => one.trim()) ?? [],
    smtpUrl: data.SMTP_URL ?? null,
    mailFrom: data.MAIL_FROM ?? null,
    backups: backupsOf(data),
    ledgerHeadFile: data.LEDGER_HEAD_FILE ?? join(data.SPOQ_DATA_DIR, 'server', 'ledger-head.jsonl'),
    graceDays: data.MACHINE_GRACE_DAYS,
    dailyBackups: Boolean(data.S3_URL ?? data.BACKUP_DIR),
    metrics: data.METRICS_PORT === undefined ? null : { host: data.METRICS_HOST, port: data.METRICS_PORT },
  }
}

/** Several backends have no folder in common, unless it is said which. */
function backupsOf({
  S3_URL,
  BACKUP_DIR,
  DATABASE_URL,
  SPOQ_DATA_DIR,
}: z.infer<typeof environment>): Config['backups'] {
  if (S3_URL) return { s3: S3_URL }
  if (BACKUP_DIR) return { folder: BACKUP_DIR }
  return DATABASE_URL ? null : { folder: join(SPOQ_DATA_DIR, 'server', 'backups') }
}

function isS3(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : null
  return /^https?:$/.test(url?.protocol ?? '') && Boolean(url?.username && url.password && url.pathname.length > 1)
}

/** Left out: the domain of the machines, at SSH's own port. */
function sshAddressesOf({ GATEWAY_SSH_ADDRESS, MACHINE_DOMAIN }: z.infer<typeof environment>): SshPlace[] {
  const said = listed(GATEWAY_SSH_ADDRESS ?? MACHINE_DOMAIN?.split(':')[0])
  return said.map(sshPlaceOf).filter(place => place !== null)
}

function modelCreditOf(data: z.infer<typeof environment>): Config['modelCredit'] {
  const keys = [
    { vendor: 'anthropic', key: data.CREDIT_ANTHROPIC_KEY, url: data.CREDIT_ANTHROPIC_URL },
    { vendor: 'openai', key: data.CREDIT_OPENAI_KEY, url: data.CREDIT_OPENAI_URL },
  ] as const
  return keys.flatMap(({ key, url, vendor }) => (key ? [{ vendor, key, url: url.replace(/\/+$/, '') }] : []))
}

/** @throws SpoqError `config_invalid` when half of it is there: what is paid would never be known of. */
function stripeOf(data: z.infer<typeof environment>): Config['stripe'] {
  const { STRIPE_SECRET_KEY: key, STRIPE_WEBHOOK_SECRET: webhookSecret, STRIPE_API_URL: url } = data
  if (!key !== !webhookSecret)
    throw invalid([
      { path: [key ? 'STRIPE_WEBHOOK_SECRET' : 'STRIPE_SECRET_KEY'], message: 'the other half is missing' },
    ])
  return key && webhookSecret ? { key, webhookSecret, url } : null
}

/** @throws SpoqError `config_invalid` when half of it is there: what is paid would be known of late. */
function coinpayOf(data: z.infer<typeof environment>): Config['coinpay'] {
  const { COINPAY_API_KEY: key, COINPAY_WEBHOOK_SECRET: webhookSecret, COINPAY_API_URL: url } = data
  if (!key !== !webhookSecret)
    throw invalid([
      { path: [key ? 'COINPAY_WEBHOOK_SECRET' : 'COINPAY_API_KEY'], message: 'the other half is missing' },
    ])
  return key && webhookSecret ? { key, webhookSecret, url: new URL(url).origin } : null
}

/** @throws SpoqError `config_invalid` when half of it is there, or there is no domain for the names. */
function dnsOf(data: z.infer<typeof environment>): DnsConfig | null {
  const { CLOUDFLARE_API_TOKEN: token, CLOUDFLARE_ZONE_ID: zoneId, CLOUDFLARE_API_URL: url, DNS_FILE: file } = data
  if (!token !== !zoneId)
    throw invalid([
      { path: [token ? 'CLOUDFLARE_ZONE_ID' : 'CLOUDFLARE_API_TOKEN'], message: 'the other half is missing' },
    ])
  if ((token || file) && !data.MACHINE_DOMAIN)
    throw invalid([
      { path: ['MACHINE_DOMAIN'], message: 'the domain is needed below which the machines have their names' },
    ])
  if (token && zoneId) return { kind: 'cloudflare', token, zoneId, url }
  return file ? { kind: 'file', file } : null
}

function keysOf(data: z.infer<typeof environment>): ProviderKeys {
  return {
    hetzner: data.HETZNER_TOKEN ? { token: data.HETZNER_TOKEN, url: data.HETZNER_API_URL } : null,
    digitalocean: data.DIGITALOCEAN_TOKEN ? { token: data.DIGITALOCEAN_TOKEN, url: data.DIGITALOCEAN_API_URL } : null,
    vultr: data.VULTR_API_KEY ? { key: data.VULTR_API_KEY, url: data.VULTR_API_URL } : null,
    contabo: contaboOf(data),
    hostinger: data.HOSTINGER_API_KEY ? { key: data.HOSTINGER_API_KEY, url: data.HOSTINGER_API_URL } : null,
  }
}

/** @throws SpoqError `config_invalid` when some of its four keys are there and others not. */
function contaboOf(data: z.infer<typeof environment>): ContaboKeys | null {
  const names = ['CONTABO_CLIENT_ID', 'CONTABO_CLIENT_SECRET', 'CONTABO_API_USER', 'CONTABO_API_PASSWORD'] as const
  const missing = names.filter(name => !data[name])
  if (missing.length === names.length) return null
  if (missing.length > 0)
    throw invalid(missing.map(name => ({ path: [name], message: 'the others of its keys are there' })))
  const [clientId = '', clientSecret = '', user = '', password = ''] = names.map(name => data[name])
  return { clientId, clientSecret, user, password, url: data.CONTABO_API_URL, authUrl: data.CONTABO_AUTH_URL }
}

/** @throws SpoqError `config_invalid` when it is named and cannot be reached or asked. */
function vaultOf(data: z.infer<typeof environment>): VaultConfig | null {
  const { VAULT_TRANSIT_KEY: key, VAULT_TRANSIT_MOUNT: mount, VAULT_ADDR: url } = data
  if (!key) return null
  if (!webAddress.safeParse(url).success)
    throw invalid([
      { path: ['VAULT_ADDR'], message: 'with VAULT_TRANSIT_KEY the http or https address of Vault is needed' },
    ])
  const { VAULT_TOKEN: token = null, VAULT_TOKEN_FILE: tokenFile = null } = data
  if ((token === null) === (tokenFile === null))
    throw invalid([
      { path: ['VAULT_TOKEN'], message: 'with VAULT_TRANSIT_KEY one of VAULT_TOKEN and VAULT_TOKEN_FILE is needed' },
    ])
  return { url: url as string, mount, key, token, tokenFile }
}

/**
 * Where Docker's own variable is set. Machines fetch the backend's keys from its address, so that nothing is offered, and
 * nothing said of the variable, by a backend that has none but on this computer.
 * @throws SpoqError `config_invalid`
 */
function dockerOf(data: z.infer<typeof environment>): DockerConfig | null {
  const {
    DOCKER_HOST: host,
    DOCKER_IMAGE: image,
    DOCKER_SOCKETS_DIR: socketsDir,
    DOCKER_REACH: reach,
    BASE_URL: base,
  } = data
  if (!host || !base || isLoopback(base)) return null
  if (!/^(unix:\/\/\/|(tcp|https?):\/\/)\S+$/.test(host))
    throw invalid([{ path: ['DOCKER_HOST'], message: 'an address as unix:///var/run/docker.sock is needed' }])
  return {
    host,
    image,
    // Where the Engine is elsewhere, so are its sockets.
    socketsDir: socketsDir ?? (host.startsWith('unix:') ? '/run/spoq/machines' : undefined),
    reach: reach?.split(',').map(one => one.trim()) ?? [],
  }
}

/**
 * What an operator of a fleet usually wants; nothing for a backend of one's own.
 * @throws SpoqError `config_invalid` when there would be more at least than at most.
 */
function poolOf({ POOL_MIN, POOL_MAX, POOL_MAX_AGE_HOURS, DATABASE_URL }: z.infer<typeof environment>): Config['pool'] {
  const usual = DATABASE_URL ? { min: 5, max: 20 } : { min: 0, max: 0 }
  const min = POOL_MIN ?? Math.min(usual.min, POOL_MAX ?? usual.min)
  const max = POOL_MAX ?? Math.max(usual.max, min)
  if (min > max) throw invalid([{ path: ['POOL_MIN'], message: `no more than POOL_MAX (${max}) is possible` }])
  return { min, max, maxAgeHours: POOL_MAX_AGE_HOURS }
}

const isLoopback = (url: string) => /^(localhost|.*\.localhost|127\..*|\[::1\])$/.test(new URL(url).hostname)

/** @throws SpoqError `config_invalid` when half of an app is there, or it sends people to another server. */
function socialOf(data: z.infer<typeof environment>): SocialOptions {
  const app = (name: 'GITHUB' | 'GOOGLE', redirectUri?: string): AppOptions | undefined => {
    const [clientId, clientSecret] = [data[`${name}_CLIENT_ID`], data[`${name}_CLIENT_SECRET`]]
    if (!clientId !== !clientSecret)
      throw invalid([{ path: [`${name}_CLIENT_${clientId ? 'SECRET' : 'ID'}`], message: 'the other half is missing' }])
    const url = data[`${name}_URL`].replace(/\/+$/, '')
    return clientId && clientSecret ? { clientId, clientSecret, url, redirectUri } : undefined
  }
  const { GITHUB_REDIRECT_URI: back, BASE_URL: base } = data
  if (back && (!base || new URL(back).origin !== new URL(base).origin))
    throw invalid([
      { path: ['GITHUB_REDIRECT_URI'], message: 'an address of this server is needed; BASE_URL says which' },
    ])
  return { github: app('GITHUB', back), google: app('GOOGLE') }
}

/** Values are left out on purpose: one of them may be a secret. */
function invalid(issues: readonly { path: PropertyKey[]; message: string }[]): SpoqError {
  return new SpoqError('config_invalid', {
    message: issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '),
  })
}

const listed = (list = '') => list.split(',').flatMap(one => one.trim() || [])

function isAddresses(list: string): boolean {
  return listed(list).every(one => /^[^\s@]+@[^\s@]+$/.test(one))
}

function isProviders(list: string): boolean {
  return listed(list).every(one => (providerNames as readonly string[]).includes(one))
}

function isNetworks(list: string): boolean {
  return list.split(',').every(one => {
    const [address = '', bits, more] = one.trim().split('/')
    const most = isIP(address) === 4 ? 32 : 128
    return (
      isIP(address) > 0 && more === undefined && (bits === undefined || (/^\d+$/.test(bits) && Number(bits) <= most))
    )
  })
}

function isEndpoints(list: string): boolean {
  return list.split(',').every(one => {
    const [, host = '', port] = /^\[?([^\]]+?)\]?:(\d{1,5})$/.exec(one.trim()) ?? []
    return isIP(host) > 0 && Number(port) > 0 && Number(port) < 65_536
  })
}

/** A backend's own address would be another one for each, and tokens are for one. */
const addressNeeded = {
  path: ['BASE_URL'],
  message: 'with DATABASE_URL the address is needed by which clients reach all its backends',
}

function isOrigin(url: string): boolean {
  const { pathname, search, hash } = new URL(url)
  return pathname === '/' && search === '' && hash === ''
}
