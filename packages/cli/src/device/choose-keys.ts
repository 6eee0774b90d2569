import { SpoqError } from '@spoq/contracts/problem'
import { chooseSeveral, type Terminal } from '../terminal.ts'
import type { Found } from './found.ts'

interface Asked {
  all: boolean
  /** With or without `SHA256:`. */
  fingerprints: readonly string[]
}

type Key = Found['keys'][number]

/**
 * Which of the keys that were found are meant: those that are named, all, or what the person chooses.
 * @throws SpoqError `no_keys`; `needs_terminal` and `usage`, which name the fingerprints.
 */
export async function chooseKeys(terminal: Terminal, found: Found, { all, fingerprints }: Asked): Promise<Key[]> {
  const { keys, where } = found
  if (keys.length === 0) throw noneFit(found)
  if (fingerprints.length > 0) return fingerprints.map(named => pick(keys, where, named))
  if (all || found.isExact) return keys
  if (!terminal.interactive)
    throw new SpoqError('needs_terminal', {
      message: `${where} has ${keys.map(({ key }) => key.fingerprint).join(', ')}: which of them?`,
      next: 'Say it with --fingerprint SHA256:… or --all.',
    })
  const choices = keys.map(({ key, name }) => ({ name: `${keyInWords(key)}  ${name}`, value: key.fingerprint }))
  const chosen = await chooseSeveral(terminal, { message: 'Which keys may sign in?', flag: '--all', choices })
  if (chosen.length === 0) throw new SpoqError('interrupted', { message: 'No key was chosen: nothing was added.' })
  return keys.filter(({ key }) => chosen.includes(key.fingerprint))
}

/** `ED25519 SHA256:…`, with what it is kept in. */
export const keyInWords = ({ type, fingerprint, bits, isHardware }: Key['key']): string =>
  `${typeInWords(type)}${type === 'ssh-rsa' ? ` ${bits}` : ''}${isHardware ? ' (hardware)' : ''}  ${fingerprint}`

/** As ssh-keygen calls it. */
export const typeInWords = (type: string): string =>
  type.includes('ed25519') ? 'ED25519' : type.includes('ecdsa') ? 'ECDSA' : 'RSA'

function pick(keys: Key[], where: string, named: string): Key {
  const found = keys.find(({ key }) => key.fingerprint === named || key.fingerprint === `SHA256:${named}`)
  if (found) return found
  throw new SpoqError('no_keys', {
    message: `${where} has no key ${named}.`,
    next: `It has ${keys.map(({ key }) => key.fingerprint).join(', ')}.`,
  })
}

function noneFit({ where, refused }: Found): SpoqError {
  const [first] = refused
  if (!first) return new SpoqError('no_keys', { message: `${where} has no public key.` })
  const line = first.line > 0 ? ` line ${first.line}:` : ':'
  return new SpoqError('key_refused', { message: `${where},${line} this is ${first.why}.` })
}
