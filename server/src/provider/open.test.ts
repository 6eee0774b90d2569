import { expect, test } from 'vitest'
import { readConfig } from '../config.ts'
import { openProviders } from './open.ts'

const offered = (env: Record<string, string>) => [...openProviders(readConfig(env), 'tests', Date.now).keys()]

test('an embedded backend offers this computer, and whatever it has keys for', () => {
  expect(offered({})).toEqual(['local'])
  expect(offered({ VULTR_API_KEY: 'k', HETZNER_TOKEN: 'k' })).toEqual(['local', 'hetzner', 'vultr'])
  const contabo = ['CLIENT_ID', 'CLIENT_SECRET', 'API_USER', 'API_PASSWORD'].map(name => [`CONTABO_${name}`, 'k'])
  const rest = { ...Object.fromEntries(contabo), HOSTINGER_API_KEY: 'k', DIGITALOCEAN_TOKEN: 'k' }
  expect(offered(rest)).toEqual(['local', 'digitalocean', 'contabo', 'hostinger'])
})

test('torrents are allowed on own hardware, and where whoever runs this server has made it out', () => {
  const allowing = (env: Record<string, string>) =>
    [...openProviders(readConfig({ HETZNER_TOKEN: 'k', VULTR_API_KEY: 'k', ...env }), 'tests', Date.now)].flatMap(
      ([name, { capabilities }]) => (capabilities.workloads.includes('torrent') ? name : []),
    )
  expect(allowing({})).toEqual(['local'])
  expect(allowing({ TORRENT_PROVIDERS: 'hetzner, docker' })).toEqual(['local', 'hetzner'])
  expect(() => allowing({ TORRENT_PROVIDERS: 'mars' })).toThrow(/TORRENT_PROVIDERS: providers are needed/)
})

test('one that shares a PostgreSQL may be far from any owner, and makes nothing on its own computer', () => {
  const env = { DATABASE_URL: 'postgres://a/b', BASE_URL: 'https://spoq.example', HETZNER_TOKEN: 'k' }
  expect(offered(env)).toEqual(['hetzner'])
})
