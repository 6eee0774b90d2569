import { closeSync, constants, existsSync, fstatSync, openSync, readSync } from 'node:fs'
import { basename } from 'node:path'
import { SpoqError } from '@spoq/contracts/problem'
import { readKeys } from '@spoq/kit/ssh-key'
import { computerName, nameOf } from './computer-name.ts'
import type { Found } from './found.ts'

const mostBytes = 65_536

/**
 * The public keys of a file. Beside the private key they are this computer's; else they are somebody's who sent them.
 * @throws SpoqError `key_refused`, `config_invalid`.
 */
export function keysOfFile(path: string): Found {
  const { keys, refused } = readKeys(contentOf(path))
  const isHere = path.endsWith('.pub') && existsSync(path.slice(0, -4))
  const name = isHere ? computerName() : nameOf(basename(path, '.pub'))
  return {
    keys: keys.map((key, index) => ({ key, name: keys.length > 1 ? nameOf(`${name}-${index + 1}`) : name })),
    ...{ where: path, refused, isHere, isExact: keys.length === 1 && refused.length === 0 },
  }
}

function contentOf(path: string): Buffer {
  const file = open(path)
  try {
    if (!fstatSync(file).isFile()) throw new SpoqError('key_refused', { message: `${path} is no file.` })
    const buffer = Buffer.alloc(mostBytes + 1)
    const length = readSync(file, buffer)
    if (length > mostBytes) throw new SpoqError('key_refused', { message: `${path} is larger than 64 KB.` })
    return buffer.subarray(0, length)
  } finally {
    closeSync(file)
  }
}

function open(path: string): number {
  try {
    // A pipe would be waited for.
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (cause) {
    if ((cause as { code?: string }).code !== 'ENOENT') throw cause
    throw new SpoqError('no_keys', { cause, message: `There is no file ${path}.` })
  }
}
