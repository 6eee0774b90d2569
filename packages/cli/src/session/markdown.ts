// A session as Markdown: questions as headings' text, answers as they are, what the agent did as quoted lines.

import type { ExportedEvent, Session } from '@spoq/contracts/session'
import { oneLine, visible } from '../render/visible.ts'

/** The head of a session's page. */
export const markdownHead = ({ id, title, createdAt }: Session): string =>
  `# ${oneLine(title)}\n\nSession \`${id}\`, begun ${createdAt}.\n`

/** What one event adds to the page; '' for most. */
export function markdownOf({ at, body }: ExportedEvent): string {
  const text = (name: string) => visible(String(body[name] ?? ''))
  switch (body.type) {
    case 'turn.queued':
      return `\n## ${at}\n\n${quote(text('question'))}\n${attachmentsOf(body.attachments)}\n`
    case 'text.delta':
      return text('text')
    case 'tool.call':
      return `\n\n- ${code(oneLine(text('title')))}\n`
    case 'tool.result':
      return `\n${fenced(text('output'))}\n\n`
    case 'approval.answered':
      return `\n- ${body.decision === 'allow' ? 'allowed' : 'denied'} by ${code(oneLine(text('by')))}\n`
    case 'turn.error':
      return `\n\n**${oneLine(text('message'))}**\n`
    case 'turn.aborted':
      return `\n\n**Stopped by ${oneLine(text('by'))}.**\n`
    case 'turn.done':
      return '\n'
    default:
      return ''
  }
}

function attachmentsOf(attachments: unknown): string {
  const all = Array.isArray(attachments) ? (attachments as { name: string; text?: string }[]) : []
  return all.map(({ name, text }) => `\nWith ${code(oneLine(name))}:\n\n${fenced(visible(text ?? ''))}\n`).join('')
}

const quote = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map(line => `> ${line}`.trimEnd())
    .join('\n')

/** A fence is longer than any that stands in the text. */
function fenced(text: string): string {
  const fence = '`'.repeat(Math.max(3, longestRun(text) + 1))
  return `${fence}\n${text.replace(/\n$/, '')}\n${fence}`
}

function code(text: string): string {
  const fence = '`'.repeat(longestRun(text) + 1)
  return fence.length === 1 ? `\`${text}\`` : `${fence} ${text} ${fence}`
}

const longestRun = (text: string) => Math.max(0, ...(text.match(/`+/g) ?? []).map(run => run.length))
