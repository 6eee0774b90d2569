// What went wrong, said in at most two lines: what happened, and what to do.

import { stripVTControlCharacters } from 'node:util'
import { exitStatus, SpoqError } from '@spoq/contracts/problem'
import { oneLine } from './render/visible.ts'

interface Where {
  bin: string
  /** The words of the command, once they are known. */
  command?: string | undefined
  json: boolean
}

/** Says it: one object on stdout with --json, else two lines on stderr. Answers the exit status. */
export function report(error: unknown, where: Where): number {
  const asked = exitOf(error)
  if (asked !== undefined) return asked
  const fault = onOneLine(toFault(error, where))
  if (where.json) console.log(JSON.stringify(errorJson(fault)))
  else console.error([fault.message, fault.next, ...whereToLook(fault)].join('\n'))
  if (process.env.DEBUG) console.error(error)
  return fault.exit
}

/** An error as `--json` shows it; `code` is stable. */
export function errorJson({ code, message, next, requestId }: SpoqError) {
  return { error: { code, message, next, ...(requestId ? { requestId } : {}) } }
}

/** A fault of the other side: who runs it finds more in its log. */
const whereToLook = ({ code, requestId }: SpoqError) =>
  requestId && (code === 'internal' || process.env.DEBUG) ? [`Its log says more of ${requestId}.`] : []

/** Whatever was thrown as one of the errors that are documented. */
export function toFault(error: unknown, where: Where): SpoqError {
  if (error instanceof SpoqError) return inTheirWords(error, where.bin)
  if (!(error instanceof Error)) return new SpoqError('internal', { cause: error })
  if (error.name === 'ExitPromptError' || error.name === 'AbortError') return new SpoqError('interrupted')
  if ('oclif' in error) return usage(error, where)
  const system = systemFault(error)
  return (
    system ??
    new SpoqError('internal', {
      message: `Something went wrong inside Spoq: ${firstLine(error.message)}`,
      cause: error,
    })
  )
}

/** What somebody typed or a server said stands in it as text, and commands no terminal. */
function onOneLine(fault: SpoqError): SpoqError {
  const { code, cause } = fault
  return new SpoqError(code, { message: oneLine(fault.message), next: oneLine(fault.next), cause })
}

/** Who called `sparebox` is told to call `sparebox`. */
function inTheirWords(error: SpoqError, bin: string): SpoqError {
  if (bin === 'spoq') return error
  const renamed = (text: string) => text.replace(/\bspoq (?=[a-z-])/g, `${bin} `)
  return new SpoqError(error.code, {
    message: renamed(error.message),
    next: renamed(error.next),
    requestId: error.requestId,
    cause: error,
  })
}

/** oclif says in several lines which words of the command line do not fit. */
function usage(error: Error, { bin, command }: Where): SpoqError {
  const message = stripVTControlCharacters(error.message)
    .replace(/See more help with --help/g, '')
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '' && !line.startsWith('Note:'))
    .join(' ')
  return new SpoqError('usage', { message, next: `See ${[bin, command, '--help'].filter(Boolean).join(' ')}.` })
}

/** A fault of this computer that the person can put right. */
function systemFault(error: NodeJS.ErrnoException): SpoqError | undefined {
  const path = error.path ? `: ${error.path}` : ''
  switch (error.code) {
    case 'ENOSPC':
      return new SpoqError('disk_full', {
        message: `The disk of this computer is full${path}`,
        next: 'Free some space, then run it again.',
      })
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
    case 'EEXIST':
    case 'ENOTDIR':
    case 'EISDIR':
      return new SpoqError('config_invalid', {
        message: `This computer does not allow it${path} (${error.code})`,
        next: 'Correct the permissions, or choose another data folder with SPOQ_DATA_DIR.',
      })
    default:
      return undefined
  }
}

/** oclif ends some commands, --help among them, by throwing. */
function exitOf(error: unknown): number | undefined {
  const { code, oclif } = (error ?? {}) as { code?: string; oclif?: { exit?: number } }
  return code === 'EEXIT' ? (oclif?.exit ?? exitStatus.ok) : undefined
}

const firstLine = (text: string) => (text.split('\n', 1)[0] ?? '').slice(0, 200)
