// A whole Conductor for a test: real folder, real sockets, real log.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { call } from '@spoq/client/call'
import { overSocket } from '@spoq/client/socket'
import { follow } from '@spoq/client/stream'
import type { Target } from '@spoq/client/target'
import type { ConductorConfig } from '@spoq/contracts/machine'
import {
  type Accepted,
  ask,
  type QuestionInput,
  type SessionEvent,
  sessionEvents,
  turnEnds,
} from '@spoq/contracts/session'
import { withoutIsolation } from '@spoq/kit/sandbox'
import { onTestFinished } from 'vitest'
import { type Conductor, type ConductorOptions, startConductor } from '../conductor.ts'
import { type ModelSettings, readSettings, writeSettings } from '../model/settings.ts'

export const machineId = 'mach_0123456789abcdef0123'

/** A machine folder that goes away with the test. */
export function machineFolder(config: Partial<ConductorConfig> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'spoq-conductor-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const whole = {
    machine: machineId,
    members: [],
    issuer: 'http://127.0.0.1:9',
    jwksUrl: 'http://127.0.0.1:9/jwks',
    edge: null,
  }
  writeFileSync(join(folder, 'conductor.json'), JSON.stringify({ ...whole, ...config }))
  return folder
}

/** Starts a Conductor in this process; it ends with the test. What takes time outside of tests takes none here. */
export async function startMachine(folder: string, options: Partial<ConductorOptions> = {}): Promise<Conductor> {
  const sandbox = withoutIsolation('a test')
  const quick = { sandbox, endpoints: [], retries: 0, demoPaceMs: 0, logger: () => {} }
  const conductor = await startConductor({ ...quick, ...options, folder })
  onTestFinished(() => conductor.stop())
  return conductor
}

/** Calls over a local socket. */
export function overLocal(socket: string): Target {
  const dispatcher = overSocket(socket)
  onTestFinished(() => dispatcher.destroy())
  return { origin: 'http://machine', dispatcher, unreachable: 'machine_unreachable', now: Date.now }
}

/**
 * Lets a machine use a stand-in of a model server, which ends with the test. A key stands in the plain file of old, as
 * before keys were sealed; the Conductor moves it over when it starts.
 */
export function useModel<S extends { url: string; stop(): Promise<void> }>(
  folder: string,
  standIn: S,
  key?: string,
): S {
  onTestFinished(() => standIn.stop())
  const plain = { kind: 'openai-compatible', model: 'stand-in', url: standIn.url, key }
  if (key) writeFileSync(join(folder, 'model.json'), JSON.stringify(plain))
  else setModels(folder, { chosen: 'openai-compatible/stand-in', url: { 'openai-compatible': standIn.url } })
  return standIn
}

/** Writes what the owner has set about models, as it stands in the machine's folder. */
export function setModels(folder: string, settings: Partial<ModelSettings>): void {
  writeSettings(folder, { ...readSettings(folder), ...settings })
}

/** Asks, and reads to where the turn ends or `until` says so. */
export async function askAndRead(
  target: Target,
  question: QuestionInput,
  until: (event: SessionEvent) => boolean = () => false,
): Promise<Accepted & { events: SessionEvent[] }> {
  const accepted = await call(target, ask, { body: question })
  return { ...accepted, events: await readTurn(target, accepted, until) }
}

/** Reads a turn's events to its end, or to where `until` says so. */
export async function readTurn(
  target: Target,
  { session, turn, after }: Accepted,
  until: (event: SessionEvent) => boolean = () => false,
): Promise<SessionEvent[]> {
  const events: SessionEvent[] = []
  const isLast = (event: SessionEvent) =>
    until(event) || (event.turn === turn && (turnEnds as readonly string[]).includes(event.type))
  for await (const event of follow(target, sessionEvents, { params: { session }, query: { turn }, after, isLast }))
    events.push(event)
  return events
}

export const types = (events: readonly SessionEvent[]) => events.map(({ type }) => type)

export const textOf = (events: readonly SessionEvent[]) =>
  events.map(event => (event.type === 'text.delta' ? event.text : '')).join('')
