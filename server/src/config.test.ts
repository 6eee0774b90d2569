import { SpoqError } from '@spoq/contracts/problem'
import { expect, test } from 'vitest'
import { readConfig } from './config.ts'

const wrong = (env: Record<string, string>): string => {
  try {
    readConfig(env)
  } catch (error) {
    if (error instanceof SpoqError && error.code === 'config_invalid') return error.message
  }
  throw new Error('it was taken')
}

test('nothing has to be set', () => {
  expect(readConfig({})).toMatchObject({ host: '127.0.0.1', port: 4100, baseUrl: null, accessTokenSeconds: 3_600 })
})

test('a variable that is set to nothing counts as not set', () => {
  expect(readConfig({ SERVER_PORT: '', BASE_URL: '', JWT_SECRET: '' }).port).toBe(4100)
})

test('everything that is wrong is named at once', () => {
  const said = wrong({ SERVER_PORT: 'http', BASE_URL: 'ftp://a', JWT_ACCESS_TOKEN_EXPIRY_SECS: '1.5' })
  expect(said.split('; ').map(part => part.split(':')[0])).toEqual([
    'SERVER_PORT',
    'BASE_URL',
    'JWT_ACCESS_TOKEN_EXPIRY_SECS',
  ])
})

test('a shared signing secret is refused with the reason, and not repeated', () => {
  const said = wrong({ JWT_SECRET: 'hunter2' })
  expect(said).toContain('keys are asymmetric')
  expect(said).not.toContain('hunter2')
})

test('a PostgreSQL address is taken; what is none is refused, and not repeated', () => {
  expect(readConfig({ DATABASE_URL: 'postgres://u:p@h:5432/d', BASE_URL: 'http://h' }).databaseUrl).toBe(
    'postgres://u:p@h:5432/d',
  )
  expect(readConfig({}).databaseUrl).toBeNull()
  for (const url of ['mysql://u:hunter2@h/d', 'hunter2'])
    expect(wrong({ DATABASE_URL: url })).toMatch(/^DATABASE_URL: an address such as (?!.*hunter2)/)
})

test('with PostgreSQL the one address of all backends has to be said', () => {
  const said = wrong({ DATABASE_URL: 'postgres://u:hunter2@h/d' })
  expect(said).toMatch(/^BASE_URL: /)
  expect(said).not.toContain('hunter2')
})

test.each(['-1', '65536', 'x', '80.5'])('the port %s is refused', port => {
  expect(wrong({ SERVER_PORT: port })).toMatch(/^SERVER_PORT: /)
})

test('the base address is an origin, without its slash', () => {
  expect(readConfig({ BASE_URL: 'https://spoq.example/' }).baseUrl).toBe('https://spoq.example')
  expect(wrong({ BASE_URL: 'https://spoq.example/path' })).toMatch(/^BASE_URL: an origin/)
})

test('a service to sign in with is offered when its app is there, at another address if that is said', () => {
  expect(readConfig({}).social).toEqual({})
  const github = { GITHUB_CLIENT_ID: 'id', GITHUB_CLIENT_SECRET: 'hunter2' }
  expect(readConfig(github).social.github).toMatchObject({ clientId: 'id', url: 'https://github.com' })
  const moved = { ...github, GITHUB_URL: 'https://git.example/', GOOGLE_URL: 'http://127.0.0.1:9' }
  expect(readConfig(moved).social).toMatchObject({ github: { url: 'https://git.example' }, google: undefined })
  const back = { ...github, BASE_URL: 'https://spoq.example', GITHUB_REDIRECT_URI: 'https://spoq.example/back' }
  expect(readConfig(back).social.github?.redirectUri).toBe('https://spoq.example/back')
})

test('half an app is refused, and one that sends people to another server', () => {
  expect(wrong({ GITHUB_CLIENT_SECRET: 'hunter2' })).toBe('GITHUB_CLIENT_ID: the other half is missing')
  expect(wrong({ GOOGLE_CLIENT_ID: 'id' })).toBe('GOOGLE_CLIENT_SECRET: the other half is missing')
  for (const BASE_URL of ['', 'https://other.example'])
    expect(wrong({ BASE_URL, GITHUB_REDIRECT_URI: 'https://spoq.example/back' })).toMatch(/^GITHUB_REDIRECT_URI: /)
})

test('a Docker Engine is offered where its address is set, with a folder for sockets where it is on this computer', () => {
  const dockerOf = (env: Record<string, string>) => readConfig({ BASE_URL: 'https://spoq.example', ...env }).docker
  expect(dockerOf({})).toBeNull()
  expect(dockerOf({ DOCKER_HOST: 'unix:///var/run/docker.sock' })).toEqual({
    host: 'unix:///var/run/docker.sock',
    image: 'spoq-machine',
    socketsDir: '/run/spoq/machines',
    reach: [],
  })
  const elsewhere = { DOCKER_HOST: 'tcp://10.0.0.2:2375', DOCKER_REACH: '203.0.113.7:443, [2001:db8::1]:443' }
  expect(dockerOf(elsewhere)).toMatchObject({
    socketsDir: undefined,
    reach: ['203.0.113.7:443', '[2001:db8::1]:443'],
  })
  const bad = [
    ['DOCKER_HOST', '/var/run/docker.sock'],
    ['DOCKER_REACH', 'spoq.dev:443'],
    ['DOCKER_REACH', '10.0.0.1'],
  ] as const
  for (const [name, value] of bad) expect(wrong({ BASE_URL: 'https://spoq.example', [name]: value })).toContain(name)
})

test("a backend for this computer alone does not mind Docker's own variable, and offers nothing by it", () => {
  for (const DOCKER_HOST of ['unix:///var/run/docker.sock', 'ssh://me@elsewhere'])
    for (const BASE_URL of ['', 'http://localhost:4100', 'http://127.0.0.1:4100', 'http://[::1]:4100'])
      expect(readConfig({ DOCKER_HOST, BASE_URL }).docker).toBeNull()
})

test('Vault is used where its key is named, and then all of it is needed; no token is repeated', () => {
  expect(readConfig({ VAULT_ADDR: 'https://vault', VAULT_TOKEN: 'hunter2' }).vault).toBeNull()
  const whole = { VAULT_TRANSIT_KEY: 'spoq', VAULT_ADDR: 'https://vault:8200', VAULT_TOKEN_FILE: '/run/token' }
  expect(readConfig(whole).vault).toEqual({
    url: 'https://vault:8200',
    mount: 'transit',
    key: 'spoq',
    token: null,
    tokenFile: '/run/token',
  })
  expect(wrong({ ...whole, VAULT_ADDR: 'vault:8200' })).toMatch(/^VAULT_ADDR: /)
  expect(wrong({ ...whole, VAULT_TRANSIT_KEY: '../sys' })).toMatch(/^VAULT_TRANSIT_KEY: /)
  expect(wrong({ ...whole, VAULT_TOKEN: 'hunter2' })).toMatch(/^VAULT_TOKEN: (?!.*hunter2)/)
  expect(wrong({ ...whole, VAULT_TOKEN_FILE: '' })).toMatch(/^VAULT_TOKEN: /)
})

test('the keys of secrets stand beside the one secret where nobody says otherwise', () => {
  expect(readConfig({ KEY_FILE: '/etc/spoq/secret' }).kekFile).toBe('/etc/spoq/kek.json')
  expect(readConfig({ KEY_FILE: '/etc/spoq/secret', KEK_FILE: '/keys/kek' }).kekFile).toBe('/keys/kek')
})

test('a provider is offered by its key, at another address where one is named; half of the keys are refused', () => {
  expect(Object.values(readConfig({ HETZNER_API_URL: 'http://127.0.0.1:1/v1' }).keys)).toEqual([
    null,
    null,
    null,
    null,
    null,
  ])
  expect(readConfig({ HETZNER_TOKEN: 'hunter2', HETZNER_API_URL: 'http://127.0.0.1:1/v1' }).keys.hetzner).toEqual({
    token: 'hunter2',
    url: 'http://127.0.0.1:1/v1',
  })
  const contabo = { CONTABO_CLIENT_ID: 'id', CONTABO_CLIENT_SECRET: 'hunter2', CONTABO_API_USER: 'ada' }
  expect(wrong(contabo)).toBe('CONTABO_API_PASSWORD: the others of its keys are there')
  expect(readConfig({ ...contabo, CONTABO_API_PASSWORD: 'hunter2' }).keys.contabo).toMatchObject({ user: 'ada' })
})

test('names of machines stand at Cloudflare or in a file; half of it is refused, and so is a DNS without a domain', () => {
  const domain = { MACHINE_DOMAIN: 'spoq.example' }
  const zone = '0123456789abcdef0123456789abcdef'
  expect(readConfig({}).dns).toBeNull()
  expect(readConfig({ ...domain, CLOUDFLARE_API_TOKEN: 'hunter2', CLOUDFLARE_ZONE_ID: zone }).dns).toMatchObject({
    kind: 'cloudflare',
    zoneId: zone,
  })
  expect(readConfig({ ...domain, DNS_FILE: '/etc/hosts.spoq' }).dns).toEqual({ kind: 'file', file: '/etc/hosts.spoq' })
  expect(wrong({ ...domain, CLOUDFLARE_API_TOKEN: 'hunter2' })).toBe('CLOUDFLARE_ZONE_ID: the other half is missing')
  expect(wrong({ ...domain, CLOUDFLARE_ZONE_ID: '../../x' })).toMatch(/^CLOUDFLARE_ZONE_ID: /)
  expect(wrong({ DNS_FILE: '/etc/hosts.spoq' })).toMatch(/^MACHINE_DOMAIN: /)
})

test('machines are made ahead beside PostgreSQL alone, unless it is said otherwise; more at least than at most is refused', () => {
  const shared = { DATABASE_URL: 'postgres://spoq@127.0.0.1/spoq', BASE_URL: 'https://spoq.example' }
  expect(readConfig({}).pool).toEqual({ min: 0, max: 0, maxAgeHours: 24 })
  expect(readConfig(shared).pool).toEqual({ min: 5, max: 20, maxAgeHours: 24 })
  expect(readConfig({ ...shared, POOL_MAX: '3' }).pool).toMatchObject({ min: 3, max: 3 })
  expect(readConfig({ POOL_MIN: '2', POOL_MAX_AGE_HOURS: '1' }).pool).toEqual({ min: 2, max: 2, maxAgeHours: 1 })
  expect(wrong({ POOL_MIN: '9', POOL_MAX: '3' })).toMatch(/^POOL_MIN: /)
})

test('who runs the server is named by e-mail addresses, in whatever letters', () => {
  expect(readConfig({}).adminEmails).toEqual([])
  expect(readConfig({ ADMIN_EMAILS: 'Ann@example.com, ben@example.com' }).adminEmails).toEqual([
    'ann@example.com',
    'ben@example.com',
  ])
  expect(wrong({ ADMIN_EMAILS: 'ann' })).toMatch(/^ADMIN_EMAILS: /)
})

test('coins are taken with both halves of the key, at the address of who takes them', () => {
  const keys = { COINPAY_API_KEY: 'hunter2', COINPAY_WEBHOOK_SECRET: 'hunter3' }
  expect(readConfig({}).coinpay).toBeNull()
  expect(readConfig(keys).coinpay).toEqual({
    key: 'hunter2',
    webhookSecret: 'hunter3',
    url: 'https://coinpayportal.com',
  })
  expect(readConfig({ ...keys, COINPAY_API_URL: 'http://127.0.0.1:1' }).coinpay?.url).toBe('http://127.0.0.1:1')
  expect(wrong({ COINPAY_API_KEY: 'hunter2' })).toBe('COINPAY_WEBHOOK_SECRET: the other half is missing')
  expect(wrong({ COINPAY_WEBHOOK_SECRET: 'hunter2' })).toBe('COINPAY_API_KEY: the other half is missing')
  expect(wrong({ ...keys, COINPAY_API_URL: 'https://coins.example/api' })).toMatch(/^COINPAY_API_URL: /)
})

test.each([
  [{ GATEWAY_SSH_ADDRESS: 'ssh.spoq.test' }, [{ host: 'ssh.spoq.test', port: 22 }]],
  [
    { GATEWAY_SSH_ADDRESS: '203.0.113.7:2222, [2001:db8::2]:2222', MACHINE_DOMAIN: 'spoq.test' },
    [
      { host: '203.0.113.7', port: 2222 },
      { host: '2001:db8::2', port: 2222 },
    ],
  ],
  [{ GATEWAY_SSH_ADDRESS: '[2001:db8::1]:2222' }, [{ host: '2001:db8::1', port: 2222 }]],
  [{ GATEWAY_SSH_ADDRESS: '[2001:db8::1]' }, [{ host: '2001:db8::1', port: 22 }]],
  [{ MACHINE_DOMAIN: 'spoq.test' }, [{ host: 'spoq.test', port: 22 }]],
  [{ MACHINE_DOMAIN: 'localhost:4180' }, [{ host: 'localhost', port: 22 }]],
  [{}, []],
])('of %j people reach gateways over SSH at %j', (env, sshAddresses) => {
  expect(readConfig(env).sshAddresses).toEqual(sshAddresses)
})

test('machines connect to each gateway that is named; one that is named twice, or is none, is told at start', () => {
  const [one, two] = ['https://gateway-1.spoq.test/tunnel', 'https://gateway-2.spoq.test/tunnel']
  expect(readConfig({ GATEWAY_URL: `${one}, ${two}` }).gatewayUrls).toEqual([one, two])
  expect(readConfig({}).gatewayUrls).toEqual([])
  for (const text of [`${one},${one}`, `${one},ftp://x`, `${one},gateway-2`, ','])
    expect(wrong({ GATEWAY_URL: text })).toMatch(/^GATEWAY_URL: /)
})

test.each(['-oProxyCommand=x', 'a b', 'a:0', 'a:70000', '2001:db8::1', 'a:22,a', 'a,b c', ','])(
  '%s is no address for SSH',
  text => {
    expect(wrong({ GATEWAY_SSH_ADDRESS: text })).toMatch(/^GATEWAY_SSH_ADDRESS: /)
  },
)
