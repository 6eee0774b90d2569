import type { Machine } from '@spoq/contracts/machine'
import { json, type Running, serveHttp } from '@spoq/workbench/stand-ins/http'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { waitForState } from './wait.ts'

const otter: Machine = {
  id: 'mach_0123456789abcdef0123',
  name: 'otter',
  provider: 'hetzner',
  template: 'spoq',
  region: 'nbg1',
  size: 'cx23',
  price: null,
  state: 'provisioning',
  wanted: 'running',
  holds: [],
  endpoint: null,
  stage: 'making the machine',
  error: null,
  createdAt: '2026-11-21T10:00:00.000Z',
  updatedAt: '2026-11-21T10:00:00.000Z',
}

let server: Running
let answers: Machine[]
let time: number
let steps: string[]
let press: () => void
beforeEach(async () => {
  time = 0
  steps = []
  server = await serveHttp(async (_, response) => {
    time += 15_000
    json(response, 200, answers.length > 1 ? answers.shift() : answers[0])
  })
})
afterEach(() => server.stop())

const waiting = (usualSeconds: number | null = null) =>
  waitForState(
    { origin: server.url, token: async () => 't', unreachable: 'server_unknown', requestId: 'req_1', now: () => time },
    otter,
    'running',
    {
      progress: { step: text => void steps.push(text), done: () => {}, stop: () => {} },
      now: () => time,
      usualSeconds,
      interrupts: listener => {
        press = listener
        return () => {}
      },
    },
  )

test('each stage is told, with the time that it took and usually takes', async () => {
  answers = [
    { ...otter, stage: 'starting the Conductor' },
    { ...otter, state: 'running', endpoint: 'https://otter.example' },
  ]
  expect((await waiting(90)).state).toBe('running')
  expect(steps).toEqual(['otter: making the machine', 'otter: starting the Conductor (10 s; usually 90 s)'])
})

test('one that runs and has no address yet is waited for', async () => {
  answers = [
    { ...otter, state: 'running' },
    { ...otter, state: 'running', endpoint: 'https://otter.example' },
  ]
  expect((await waiting()).endpoint).toBe('https://otter.example')
})

test('Ctrl-C ends the waiting at once; the machine goes on, and how to follow it is said', async () => {
  answers = [otter]
  const waited = waiting().catch((error: unknown) => error)
  await expect.poll(() => steps.length).toBeGreaterThan(0)
  press()
  expect(await waited).toMatchObject({
    code: 'interrupted',
    message: 'otter goes on without this computer.',
    next: 'Follow it with spoq status --watch.',
  })
})

test('one that failed says why, and how it is tried again', async () => {
  answers = [{ ...otter, state: 'failed', error: { code: 'machine_failed', message: 'The disk is full.' } }]
  await expect(waiting()).rejects.toMatchObject({
    code: 'machine_failed',
    message: expect.stringMatching(/The disk is full/),
    next: expect.stringMatching(/machine start otter/),
  })
})
