// What the Conductor is told about itself: `conductor.json` in the machine's folder.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ConductorConfig, conductorConfig } from '@spoq/contracts/machine'
import { SpoqError } from '@spoq/contracts/problem'

/** Reads and validates the configuration. @throws SpoqError `config_invalid`, which says what is wrong. */
export function readConfig(folder: string): ConductorConfig {
  const file = join(folder, 'conductor.json')
  const next = 'Whoever made the machine writes that file: start the machine again with spoq machine start.'
  const invalid = (what: string, cause?: unknown) =>
    new SpoqError('config_invalid', { message: `${file}: ${what}.`, next, cause })
  const parsed = conductorConfig.safeParse(readJson(file, invalid))
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw invalid(`${issue?.path.join('.') ?? ''} ${issue?.message ?? 'is not valid'}`.trim())
}

function readJson(file: string, invalid: (what: string, cause: unknown) => SpoqError): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    throw invalid(cause instanceof SyntaxError ? 'it is not JSON' : 'it cannot be read', cause)
  }
}
