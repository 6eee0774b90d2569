// Every way into a machine without a token. `node knock.ts ADDRESS`: a line each, status and way.

import { pathOf, type Route } from '@spoq/contracts/http'
import { request } from 'undici'
import { allRoutes } from '../access/contracts.ts'

const [address = ''] = process.argv.slice(2)
const filled = ({ path }: Route) =>
  pathOf(path, Object.fromEntries([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => [String(name), 'x'])))
const routes = Object.values(await allRoutes()).map(route => [route.method.toUpperCase(), filled(route)] as const)
const ways = [
  ...routes,
  ['GET', '/'],
  ['GET', '/nothing'],
  ['GET', '/health/x'],
  ['GET', '//health'],
  ['OPTIONS', '/api/ask'],
]
for (const [method, path] of ways) {
  const { statusCode, body } = await request(`${address}${path}`, {
    method: method as 'GET',
    headers: { 'content-type': 'application/json', 'x-forwarded-for': '127.0.0.1', 'x-forwarded-host': 'localhost' },
    ...(method === 'POST' || method === 'PUT' ? { body: '{}' } : {}),
  })
  await body.dump()
  console.log(statusCode, method, path)
}
