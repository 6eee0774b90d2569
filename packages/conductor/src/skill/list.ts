// The skills of a workspace: folders in .agents/skills, each with a SKILL.md.

import { FileRefused, filesBelow, type Listing, readText } from '@spoq/kit/files'
import { type Frontmatter, frontmatterOf } from './frontmatter.ts'

export const skillFolder = '.agents/skills'
/** Files in all of the skills together that are looked through. */
const mostFiles = 5000
const mostSkills = 64
/** Of a SKILL.md; a longer one is cut. */
export const mostBytes = 64 << 10

export interface Skills {
  skills: Frontmatter[]
  /** What is no skill, and why; a line each. */
  notes: string[]
}

/** Lists the skills by what their files say; one that cannot be understood is noted and left out. */
export async function listSkills(workspace: string): Promise<Skills> {
  const notes: string[] = []
  const skills: Frontmatter[] = []
  for (const name of await folderNames(workspace, notes)) {
    const path = skillPath(name)
    try {
      const found = frontmatterOf(await skillText(workspace, name))
      if (found.name !== name) throw new Error(`its name ${found.name} is not that of its folder`)
      skills.push(found)
    } catch (error) {
      notes.push(`${path} is left out: ${(error as Error).message}.`)
    }
  }
  return { skills, notes }
}

/** The whole of a skill's file, cut where it is too long. @throws FileRefused when it cannot be read. */
export async function skillText(workspace: string, name: string): Promise<string> {
  const path = skillPath(name)
  const read = await readText(workspace, path, { own: true, maxBytes: mostBytes })
  if (read.kind === 'binary') throw new FileRefused(`${path} is not a text`)
  return read.to < read.lines
    ? `${read.text}[cut: ${path} has ${read.lines} lines, read the others from there]`
    : read.text
}

export const skillPath = (name: string) => `${skillFolder}/${name}/SKILL.md`

async function folderNames(workspace: string, notes: string[]): Promise<string[]> {
  const { paths, more } = await filesOrNone(workspace, notes)
  if (more) notes.push(`${skillFolder} holds more than ${mostFiles} files: the others are not looked at.`)
  const names = paths.flatMap(path => /^\.agents\/skills\/([^/]+)\/SKILL\.md$/.exec(path)?.slice(1) ?? [])
  if (names.length > mostSkills)
    notes.push(`${skillFolder} holds ${names.length} skills: ${names.length - mostSkills} are left out.`)
  return names.slice(0, mostSkills)
}

async function filesOrNone(workspace: string, notes: string[]): Promise<Listing> {
  try {
    return await filesBelow(workspace, skillFolder, mostFiles)
  } catch (error) {
    if (!(error instanceof FileRefused)) throw error
    if (!error.message.endsWith('does not exist')) notes.push(`No skill is taken: ${error.message}.`)
    return { paths: [], more: false }
  }
}
