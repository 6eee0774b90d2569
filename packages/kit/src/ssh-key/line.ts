// A public key as it stands in a file: `[options] type base64 [comment]`. Options and comment are dropped.

import { assertKnown, keyOfBlob, type SshPublicKey } from './blob.ts'
import { KeyRefused } from './refused.ts'

/** Longest that a line may be; an RSA key of 16384 bits has 2.8 kB. */
const mostCharacters = 16_384

/** The key of a line. @throws KeyRefused */
export function keyOfLine(line: string): SshPublicKey {
  if (line.length > mostCharacters) throw new KeyRefused('a line that is too long')
  assertText(line)
  const text = line.trim()
  assertNoOtherForm(text)
  const [type, base64] = isKeyType(firstWord(text)) ? wordsOf(text) : wordsOf(withoutOptions(text))
  const known = assertKnown(type)
  const key = keyOfBlob(decoded(base64))
  if (key.type !== known) throw new KeyRefused('a key of another type than it says')
  return key
}

function assertText(line: string): void {
  if (line.includes('\0')) throw new KeyRefused('no text: it has zero bytes')
  if (line.startsWith('\ufeff')) throw new KeyRefused('a text with a byte-order mark: save it as UTF-8 without one')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\u0001-\u0008\u000a-\u001f\u007f\ufffd]/.test(line)) throw new KeyRefused('no plain text')
}

/** Says what it is, where that is known. */
function assertNoOtherForm(text: string): void {
  if (isPrivate(text)) throw new KeyRefused('a private key: give the file that ends with .pub')
  if (/^-{4,5} ?BEGIN /.test(text)) throw new KeyRefused('a key in another form: ssh-keygen -i -f FILE converts it')
  if (/^\d+ \d+ \d+/.test(text)) throw new KeyRefused('an SSH1 key')
  if (/^<(!doctype|html|\?xml|head|body)/i.test(text)) throw new KeyRefused('a web page')
}

export const isPrivate = (text: string) => /PRIVATE KEY|^PuTTY-User-Key-File/.test(text)

const firstWord = (text: string) => text.split(/[ \t]/, 1)[0] ?? ''
const isKeyType = (word: string) => /^(ssh|sk-ssh|ecdsa-sha2|sk-ecdsa-sha2|rsa-sha2|webauthn-sk)-/.test(word)

function wordsOf(text: string): [string, string] {
  const [type = '', base64 = ''] = text.split(/[ \t]+/)
  if (!isKeyType(type)) throw new KeyRefused('no public key')
  return [type, base64]
}

/** What sshd knows as options (sshd(8), AUTHORIZED_KEYS FILE FORMAT), and nothing else. */
const option =
  /^(?:(?:no-)?(?:agent-forwarding|port-forwarding|pty|user-rc|x11-forwarding)|cert-authority|no-touch-required|verify-required|restrict|(?:command|environment|expiry-time|from|permitlisten|permitopen|principals|tunnel)="(?:[^"\\]|\\.)*")(,|[ \t]+)/i

function withoutOptions(text: string): string {
  let rest = text
  for (;;) {
    const [whole, after] = option.exec(rest) ?? []
    if (whole === undefined || after === undefined) throw new KeyRefused('no public key')
    // Who has this one signs keys of others: as a plain key it would be something else.
    if (/^cert-authority/i.test(whole)) throw new KeyRefused('the key of an authority for certificates')
    rest = rest.slice(whole.length)
    if (after !== ',') return rest
  }
}

function decoded(base64: string): Buffer {
  const blob = Buffer.from(base64, 'base64')
  if (blob.length === 0 || blob.toString('base64') !== base64) throw new KeyRefused('a key whose base64 is damaged')
  return blob
}
