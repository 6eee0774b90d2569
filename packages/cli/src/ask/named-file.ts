// Files that a person names with a question: `-f file`, `-f file:10-20`, `@path` in the words. What was named is sent,
// wherever it is; only a private key never is.

import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { SpoqError } from '@spoq/contracts/problem'
import { type Attachment, maxQuestionBytes } from '@spoq/contracts/session'
import { oneLine } from '../render/visible.ts'
import { headOf, imageIn } from './image.ts'

/**
 * The words as they are sent and the names in them. `\@word` means the word itself; marks that end a sentence
 * are no part of a name unless such a file is there.
 */
export async function namedInText(words: string, directory: string): Promise<{ text: string; named: string[] }> {
  const named: string[] = []
  for (const [, name = ''] of words.matchAll(/(?<=^|[\s("'`])@([^\s"'`]+)/g)) {
    const bare = name.replace(/[.,;:!?)\]}>]+$/, '')
    if (bare !== '') named.push((await exists(resolve(directory, name))) ? name : bare)
  }
  return { text: words.replace(/(?<=^|[\s("'`])\\@/g, '@'), named }
}

/** Reads a named file, or the named lines of it. @throws SpoqError `usage` that names it, `too_large`. */
export async function readNamed(name: string, directory: string): Promise<Attachment> {
  const { path, range } = (await exists(resolve(directory, name))) ? { path: name } : splitRange(name)
  const size = await sizeOf(path, directory)
  const image = range ? null : imageIn(await reading(path, headOf(resolve(directory, path))))
  if (image) return { name: path, text: '', media: { type: image, data: await base64Of(path, size, directory) } }
  if (size > maxQuestionBytes && !range) throw tooLarge(path, size)
  // A file too large to be sent whole is no key; its lines are read without the rest.
  const text = size > maxQuestionBytes ? null : decode(await reading(path, readFile(resolve(directory, path))), path)
  if (text !== null && holdsPrivateKey(text))
    throw usage(`${oneLine(path)} holds a private key, and such a file is never sent.`)
  if (!range) return { name: path, text: text ?? '' }
  const source = text === null ? createReadStream(resolve(directory, path)) : Readable.from([text])
  const lines = await reading(path, linesOf(source, range))
  if (lines.length === 0) throw usage(`${oneLine(path)} is shorter: ${oneLine(name)} begins after its last line.`)
  const named = lines.map(line => `${line}\n`).join('')
  return { name: path, text: named, lines: [range.from, range.from + lines.length - 1] }
}

/** An image travels in base64, which is a third longer. */
async function base64Of(path: string, size: number, directory: string): Promise<string> {
  if (Math.ceil(size / 3) * 4 > maxQuestionBytes) throw imageTooLarge(path, size)
  return (await reading(path, readFile(resolve(directory, path)))).toString('base64')
}

interface LineRange {
  from: number
  /** Infinity: to the end. */
  to: number
}

async function linesOf(source: Readable, { from, to }: LineRange): Promise<string[]> {
  const lines: string[] = []
  let number = 0
  for await (const line of createInterface({ input: source, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (++number >= from) lines.push(line)
    if (number >= to) break
  }
  source.destroy()
  return lines
}

/** `file:7` is one line, `file:7-9` three, `file:7-` all from there. */
function splitRange(name: string): { path: string; range?: LineRange } {
  const [, path, first, dash, last] = /^(.+):(\d+)(-)?(\d+)?$/.exec(name) ?? []
  if (path === undefined) return { path: name }
  const from = Number(first)
  const to = last ? Number(last) : dash ? Number.POSITIVE_INFINITY : from
  if (from < 1 || to < from) throw usage(`${oneLine(name)} names no lines: count from 1, first to last.`)
  return { path, range: { from, to } }
}

/** Looked at before it is opened: to open a pipe is to wait for who writes it. */
async function sizeOf(path: string, directory: string): Promise<number> {
  const found = await reading(path, stat(resolve(directory, path)))
  if (found.isDirectory()) throw usage(`${oneLine(path)} is a folder: name the files in it.`)
  if (!found.isFile()) throw usage(`${oneLine(path)} is not a file.`)
  return found.size
}

async function reading<T>(path: string, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw usage(reason(path, error as NodeJS.ErrnoException), error)
  }
}

function reason(path: string, { code }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT' || code === 'ENOTDIR') return `There is no file ${oneLine(path)} here.`
  return `${oneLine(path)} cannot be read (${code ?? 'unknown reason'}).`
}

/** The text of a file or of standard input. @throws SpoqError `usage` when it is no UTF-8 text. */
export function decode(bytes: Uint8Array, name: string): string {
  try {
    if (bytes.includes(0)) throw new TypeError('a NUL byte')
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw usage(`${oneLine(name)} is not UTF-8 text, and only text can be asked about.`, cause)
  }
}

/** By what is in it, not by its name: PEM, OpenSSH, PGP and PuTTY keys, with their body. */
const holdsPrivateKey = (text: string) =>
  /^-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----\r?\n/m.test(text) || /^PuTTY-User-Key-File-\d/m.test(text)

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  )

const usage = (message: string, cause?: unknown) =>
  new SpoqError('usage', {
    message,
    cause,
    next: 'Name files with -f file[:from-to] or @path; \\@word is a plain word.',
  })

const tooLarge = (path: string, size: number) =>
  new SpoqError('too_large', {
    message: `${oneLine(path)} has ${size} bytes, and a question holds ${maxQuestionBytes} at most.`,
    next: 'Name a part of it: -f file:from-to.',
  })

const imageTooLarge = (path: string, size: number) =>
  new SpoqError('too_large', {
    message: `The image ${oneLine(path)} has ${size} bytes, and ${Math.floor(maxQuestionBytes / 4) * 3} is the most.`,
    next: 'Make it smaller, or cut out what matters.',
  })
