import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Backend, startBackend } from '../backend.ts'
import { readConfig } from '../config.ts'
import { create } from '../machine/create.ts'
import { fakeProvider } from '../reconcile/fake-provider.ts'

let dataDir: string
let backend: Backend
let metricsPort: unknown
beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'spoq-metrics-'))
  backend = await startBackend(readConfig({ SPOQ_DATA_DIR: dataDir, SERVER_PORT: '0', METRICS_PORT: '0' }), {
    openProviders: () => new Map([['local', fakeProvider(Date.now)]]),
    modelCreditMs: 50,
    sendAccess: async (_, { number }) => number,
    log: (_level, event, fields) => {
      if (event === 'metrics.served') metricsPort = fields?.port
    },
  })
})
afterAll(async () => {
  await backend.stop()
  rmSync(dataDir, { recursive: true })
})

const scrape = async () => await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text()

test('requests are counted by their template, never by what stands in it', async () => {
  await fetch(`${backend.url}/health`)
  await fetch(`${backend.url}/api/machines/mach_0123456789abcdef0123`)
  await fetch(`${backend.url}/somewhere/else`)
  const text = await scrape()
  expect(text).toContain('spoq_api_requests_total{method="GET",route="/health",status="200"} 1')
  expect(text).toContain('spoq_api_requests_total{method="GET",route="/api/machines/:machine",status="401"} 1')
  expect(text).toContain('spoq_api_requests_total{method="GET",route="other",status="404"} 1')
  expect(text).not.toContain('0123456789abcdef')
})

test('machines are counted by their state, and none that is done makes a lag', async () => {
  await create(backend.machines, { account: 'account', requestId: 'req_metrics' }, {}, 'metrics-key')
  await expect.poll(scrape, { timeout: 20_000 }).toContain('spoq_machines{state="running"} 1')
  expect(await scrape()).toContain('spoq_reconcile_lag_seconds 0\n')
})

test('a call of a model that nobody has ended is ended after its time, and counted', async () => {
  expect(await scrape()).toContain('spoq_model_calls_lost 0')
  await backend.database.query(`INSERT INTO model_call (id, account_id, machine_id, vendor, model, began_at, held_micros)
    VALUES ('call_cut', 'alice', 'mach_1', 'anthropic', 'm', now() - interval '16 minutes', 1)`)
  await expect.poll(scrape).toContain('spoq_model_calls_lost 1')
})

test('the public address knows nothing of metrics, and the other one of nothing else', async () => {
  expect((await fetch(`${backend.url}/metrics`)).status).toBe(404)
  expect((await fetch(`http://127.0.0.1:${metricsPort}/health`)).status).toBe(404)
})
