// A question and everything that was named with it, as it is sent.

import { SpoqError } from '@spoq/contracts/problem'
import { type Attachment, maxQuestionBytes } from '@spoq/contracts/session'
import { namedInText, readNamed } from './named-file.ts'

interface Asked {
  /** The words of the question, as typed. */
  words: string
  /** What came on standard input; null when nothing can come there. */
  input: string | null
  /** `-f` values: `file`, `file:10-20`. */
  files: readonly string[]
  /** Where relative names start. */
  directory: string
}

/**
 * The question with its attachments: standard input, each `-f`, each `@path` in the words. Null when nothing is asked.
 * Standard input alone is the question itself.
 * @throws SpoqError `usage` for what cannot be read or must not be sent, `too_large`.
 */
export async function buildQuestion(asked: Asked): Promise<{ question: string; attachments: Attachment[] } | null> {
  const { words, input, directory } = asked
  const { text, named } = await namedInText(words, directory)
  const question = text.trim() || (input ?? '').trim()
  if (question === '') {
    if (asked.files.length === 0) return null
    throw new SpoqError('usage', { message: 'Files were named, but nothing is asked about them.' })
  }
  const attachments: Attachment[] = []
  if (text.trim() !== '' && input) attachments.push({ name: 'stdin', text: input })
  for (const name of unique([...asked.files, ...named])) attachments.push(await readNamed(name, directory))
  checkSize(question, attachments)
  return { question, attachments }
}

/** What is said when `buildQuestion` answers null and no session was named. */
export const nothingAsked = (bin: string) =>
  new SpoqError('usage', { message: 'Nothing was asked.', next: `Example: ${bin} ask "what does this project do?"` })

const unique = (names: readonly string[]) => [...new Set(names)]

function checkSize(question: string, attachments: readonly Attachment[]): void {
  const sizes = attachments.map(({ text, media }) => Buffer.byteLength(media?.data ?? text))
  const total = sizes.reduce((sum, size) => sum + size, Buffer.byteLength(question))
  if (total <= maxQuestionBytes) return
  const largest = attachments[sizes.indexOf(Math.max(...sizes))]?.name ?? 'The question'
  throw new SpoqError('too_large', {
    message: `The question and what goes with it have ${total} bytes, and ${maxQuestionBytes} is the most. The largest: ${largest}.`,
    next: 'Name a part of it: -f file:from-to.',
  })
}
