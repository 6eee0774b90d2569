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

test('one that shares a PostgreSQL may be far from any owner, and makes nothing on its own computer', () => {
  const env = { DATABASE_URL: 'postgres://a/b', BASE_URL: 'https://spoq.example', HETZNER_TOKEN: 'k' }
  expect(offered(env)).toEqual(['hetzner'])
})
