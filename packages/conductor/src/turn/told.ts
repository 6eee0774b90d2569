// What the model is told in a turn beside the conversation, as it stands in the log: with the texts, so that the turn
// goes on after a restart with what it began with.

import type { Frontmatter } from '../skill/index.ts'
import type { Shown } from './event.ts'

/** A file with standing instructions. */
export interface InstructionsFile {
  /** The machine's workspace, or the computer that asked. */
  from: 'machine' | 'client'
  /** Below the workspace, or below the directory that was asked from. */
  path: string
  /** Of the text that is told. */
  sha256: string
  text: string
}

/** The same event as clients see it has no texts. */
export interface ReadBody extends Omit<Shown<'instructions.read'>, 'files' | 'skills'> {
  files: InstructionsFile[]
  skills: Frontmatter[]
}

export interface Told {
  /** The nearest to the work last; those of the computer that asked behind the machine's. */
  files: InstructionsFile[]
  skills: Frontmatter[]
}

/** What was read in a turn so far. */
export function toldIn(events: readonly { turn: string | null; body: { type: string } }[], turn: string): Told {
  const read = events.flatMap(({ body, turn: of }) =>
    of === turn && body.type === 'instructions.read' ? [body as ReadBody] : [],
  )
  const files = read.flatMap(body => body.files)
  const machine = files.filter(({ from }) => from === 'machine').toSorted((a, b) => depth(a.path) - depth(b.path))
  return {
    files: [...machine, ...files.filter(({ from }) => from === 'client')],
    skills: read.flatMap(body => body.skills),
  }
}

const depth = (path: string) => path.split('/').length
