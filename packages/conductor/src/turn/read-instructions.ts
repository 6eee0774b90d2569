// Reads the AGENTS.md files that hold for a turn, and lists the skills.

import { createHash } from 'node:crypto'
import { FileRefused, readText } from '@spoq/kit/files'
import { listSkills } from '../skill/index.ts'
import type { Tool } from '../tool/tool.ts'
import type { AskClient } from './client-requests.ts'
import type { TurnEvent } from './event.ts'
import type { InstructionsFile, ReadBody } from './told.ts'

const fileName = 'AGENTS.md'
/** Most that is told of one file, in bytes. */
const mostBytes = 32 << 10
/** Most files of the workspace in one turn; the folders that were touched last come first. */
const mostFiles = 8
/** Larger files are not read at all. */
const readBytes = 8 << 20

/**
 * Reads what holds from a turn's start: the workspace's file and those above what the session touched, the skills, and
 * the file of the computer that asked, where it offers its files and answers.
 * @returns null when there is nothing to tell.
 * @throws the signal's reason.
 */
export async function readAtStart(
  workspace: string,
  folders: readonly string[],
  client: AskClient | null,
): Promise<ReadBody | null> {
  const [machine, skills, theirs] = await Promise.all([
    readFolders(workspace, ['', ...folders], mostFiles),
    listSkills(workspace),
    client ? readFromClient(client) : none,
  ])
  // The same folder on both sides is told once.
  const others = theirs.files.filter(({ sha256 }) => !machine.files.some(own => own.sha256 === sha256))
  return bodyOf({
    files: [...machine.files, ...others],
    skills: skills.skills,
    notes: [...machine.notes, ...theirs.notes, ...skills.notes],
  })
}

/** Reads those of folders that a turn came to touch. @param had files that it has already. */
export async function readMore(
  workspace: string,
  folders: readonly string[],
  had: readonly InstructionsFile[],
): Promise<ReadBody | null> {
  const room = mostFiles - had.filter(({ from }) => from === 'machine').length
  const { files, notes } = await readFolders(workspace, folders, room)
  return bodyOf({ files, skills: [], notes })
}

/** The folders of the workspace that calls touched, each with those above it, the last touched first. */
export function foldersTouched(events: readonly TurnEvent[], tools: readonly Tool[]): string[] {
  const folders = new Set<string>()
  for (const { body } of events.toReversed())
    if (body.type === 'tool.call') for (const folder of foldersOf(tools, body.tool, body.input)) folders.add(folder)
  return [...folders]
}

function foldersOf(tools: readonly Tool[], name: string, input: unknown): string[] {
  const tool = tools.find(one => one.name === name)
  const parsed = tool?.input.safeParse(input)
  if (!tool || !parsed?.success) return []
  const path = tool.kind === 'path' ? tool.subject(parsed.data) : `${tool.folder?.(parsed.data) ?? ''}/`
  const parts = path
    .split('/')
    .slice(0, -1)
    .filter(part => part !== '' && part !== '.')
  if (path.startsWith('/') || parts.includes('..')) return []
  return parts.map((_, index) => parts.slice(0, parts.length - index).join('/'))
}

interface Read {
  files: InstructionsFile[]
  notes: string[]
}

const none: Read = { files: [], notes: [] }

async function readFolders(workspace: string, folders: readonly string[], most: number): Promise<Read> {
  const read: Read = { files: [], notes: [] }
  for (const folder of folders) {
    const path = folder === '' ? fileName : `${folder}/${fileName}`
    try {
      const found = await readText(workspace, path, { own: true, maxBytes: readBytes })
      if (found.kind === 'binary') throw new FileRefused(`${path} is not a text`)
      if (read.files.length < most) add(read, 'machine', path, found.text)
      else read.notes.push(`${path} is left out: there are more than ${mostFiles} such files.`)
    } catch (error) {
      if (!(error instanceof FileRefused)) throw error
      if (!isMissing(error)) read.notes.push(`${path} is left out: ${error.message}.`)
    }
  }
  return read
}

/** A computer that is away has nothing to say; neither has one that holds the file back. */
async function readFromClient(client: AskClient): Promise<Read> {
  const read: Read = { files: [], notes: [] }
  try {
    add(read, 'client', fileName, await client('read', { path: fileName }))
  } catch {}
  return read
}

function add({ files, notes }: Read, from: InstructionsFile['from'], path: string, whole: string): void {
  const bytes = Buffer.from(whole)
  // What is cut in the middle of a character ends before it.
  const text =
    bytes.length > mostBytes ? new TextDecoder().decode(bytes.subarray(0, mostBytes), { stream: true }) : whole
  if (text.trim() === '') return
  if (text !== whole) notes.push(`${path} is cut: ${bytes.length} bytes, and the first ${mostBytes} are told.`)
  const told = text === whole ? whole : `${text}\n[cut: the file has ${bytes.length} bytes]`
  files.push({ from, path, sha256: createHash('sha256').update(told).digest('hex'), text: told })
}

const bodyOf = (read: Omit<ReadBody, 'type'>): ReadBody | null =>
  read.files.length + read.skills.length + read.notes.length === 0 ? null : { type: 'instructions.read', ...read }

const isMissing = ({ message }: Error) =>
  message.endsWith('does not exist') || message.includes('something that is not a folder')
