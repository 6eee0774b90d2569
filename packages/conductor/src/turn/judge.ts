// What may be done with a call before anybody was asked: what it is about, and what mode, rules and guard say of that.

import { posix } from 'node:path'
import { resolveInside } from '@spoq/kit/files'
import { type Decision, decide, guard, type Subject } from '../permit/index.ts'
import type { Tool } from '../tool/tool.ts'
import type { QueuedBody } from './event.ts'
import type { Workshop } from './workshop.ts'

export interface Judged {
  decision: Decision
  subject: Subject
  /** The folder of the workspace that it acts in; empty for the workspace itself. */
  folder: string
}

/** Judges a call whose input is valid. */
export async function judge(
  shop: Workshop,
  session: string,
  queued: QueuedBody,
  tool: Tool,
  input: unknown,
): Promise<Judged> {
  const { workspace, homes, isolated, rules } = shop
  const text = tool.subject(input)
  const folder = tool.folder?.(input) ?? ''
  const real = tool.kind === 'path' ? { real: await realPath(workspace, text) } : {}
  const subject: Subject = { tool: tool.name, kind: tool.kind, text, ...real }
  const place = { workspace, homes }
  const decision = decide({
    does: tool.does,
    subject,
    verdict: tool.kind === 'command' ? guard(text, place, posix.join(workspace, folder)) : { say: 'fine' },
    mode: queued.mode ?? 'ask',
    isolated,
    rules: [...rules.holding(session, folder), ...beforehand(queued)],
    denies: queued.approve.includes('deny'),
  })
  return { decision, subject, folder }
}

const beforehand = ({ approve }: QueuedBody) =>
  approve.filter(rule => rule !== 'deny').map(rule => ({ effect: 'allow' as const, rule }))

/** What a path below the workspace really is, also when its last parts do not exist yet; null when it leads out. */
async function realPath(workspace: string, path: string): Promise<string | null> {
  const parts = path.split('/').filter(part => part !== '' && part !== '.')
  if (posix.isAbsolute(path) || parts.includes('..')) return null
  for (let known = parts.length; known > 0; known--) {
    const found = await resolveInside(workspace, parts.slice(0, known).join('/')).catch((error: Error) => error)
    if (typeof found === 'string') return [found, ...parts.slice(known)].join('/')
    if (!found.message.endsWith('does not exist')) return null
  }
  return parts.join('/')
}
