// The machine's own choice of a model. The key is in this file and nowhere else, open to this user alone.

import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ModelChoice, modelChoice } from '@spoq/contracts/model'
import { SpoqError } from '@spoq/contracts/problem'

/** The saved choice; null when none was made. @throws SpoqError `config_invalid` when the file is not as we write it. */
export function readChoice(folder: string): ModelChoice | null {
  const text = readIfThere(file(folder))
  if (text === null) return null
  try {
    return modelChoice.parse(JSON.parse(text))
  } catch {
    throw new SpoqError('config_invalid', {
      message: `${file(folder)} does not hold a model choice.`,
      next: 'Remove that file, then choose again with spoq model use.',
    })
  }
}

/** Saves a choice; a crash leaves the old one or the new one. */
export function writeChoice(folder: string, choice: ModelChoice): void {
  const fresh = `${file(folder)}.new`
  writeFileSync(fresh, JSON.stringify(choice), { mode: 0o600 })
  renameSync(fresh, file(folder))
}

const file = (folder: string) => join(folder, 'model.json')

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
