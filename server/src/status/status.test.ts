import { expect, test } from 'vitest'
import { testDatabase } from '../db/test-database.ts'
import { openApp } from '../http/app.ts'
import { registerStatus } from './route.ts'

test('a backend whose database is gone lives, and is not ready', async () => {
  const database = await testDatabase()
  const authenticate = () => Promise.reject(new Error('nobody is asked'))
  const app = openApp({ authenticate, log: () => {}, now: Date.now })
  registerStatus(app.serve, database.db)
  const get = (path: string) => app.fetch(new Request(`http://127.0.0.1:4100${path}`))

  expect((await get('/readyz')).status).toBe(200)
  await database.close()
  const refused = await get('/readyz')
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5'])
  expect((await get('/health')).status).toBe(200)
})
