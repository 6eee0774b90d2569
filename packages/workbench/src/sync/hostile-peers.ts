// What no honest side of a sync sends, each by its name, with the words of the refusal.

import { createHash } from 'node:crypto'
import { frame } from '@spoq/kit/sync'

export const sha = (content: string) => createHash('sha256').update(content).digest('hex')

export const file = (path: string, content = 'x') => ({
  kind: 'file',
  path,
  size: Buffer.byteLength(content),
  mtime: 1,
  exec: false,
  sha256: sha(content),
})

const link = (path: string, target: string) => ({ kind: 'link', path, target })

/** Entries that may not be there, whichever way they go. */
export const entries: Record<string, { entry: object; why: RegExp }> = {
  'climbs out': { entry: file('../canary/new'), why: /leads out of the folder/ },
  'climbs out of a folder in it': { entry: file('sub/../../canary/new'), why: /leads out of the folder/ },
  'is absolute': { entry: file('/tmp/spoq-canary'), why: /is absolute/ },
  'holds a NUL': { entry: file('a\0b'), why: /holds a NUL/ },
  'holds a backslash': { entry: file('..\\canary\\new'), why: /holds a backslash/ },
  'has a drive letter': { entry: file('C:/canary/new'), why: /drive letter/ },
  'is a device': { entry: file('sub/NUL'), why: /name of a device/ },
  'has a name of 256 bytes': { entry: file('é'.repeat(128)), why: /more than 255 bytes/ },
  'is a hundred and one folders deep': { entry: file(`${'d/'.repeat(100)}f`), why: /too deep/ },
  'goes by a dot': { entry: file('sub/./f'), why: /not written plainly/ },
  'has two slashes': { entry: file('sub//f'), why: /not written plainly/ },
  'has no name': { entry: file('sub/'), why: /not written plainly/ },
  'is no UTF-8': { entry: file('a\ud800b'), why: /not UTF-8/ },
  'has the name of a temporary file': { entry: file('.spoq-sync-0'), why: /Spoq uses itself/ },
  'links to an absolute path': { entry: link('door', '/etc/passwd'), why: /absolute path/ },
  'links out': { entry: link('door', '../canary'), why: /leads out of the folder/ },
  'links out of a folder in it': { entry: link('sub/door', '../../canary'), why: /leads out of the folder/ },
  'links out by another link': { entry: link('door', 'sub/inner/../../../canary'), why: /leads out of the folder/ },
  'links to a NUL': { entry: link('door', 'a\0'), why: /not written plainly/ },
  'has no hash': { entry: { ...file('f'), sha256: 'none' }, why: /not understood/ },
  'has a size below nothing': { entry: { ...file('f'), size: -1 }, why: /not understood/ },
  'is of a kind that is none': { entry: { kind: 'device', path: 'f' }, why: /not understood/ },
}

const put = (entry: object) => ({ kind: 'put', entry, was: null })
const pack = (pieces: object[], content = '') => frame({ type: 'pack', pieces }, [Buffer.from(content)])
const announce = (...all: object[]) => frame({ type: 'do', actions: all.map(put) })
export const end = frame({ type: 'end' })
const huge = Buffer.alloc(8, 0xff)

/** Streams that go wrong: what follows a good beginning, as both sides may hear it. */
export const streams: Record<string, { sends: Buffer[]; why: RegExp }> = {
  'sends a huge frame': { sends: [huge], why: /too large/ },
  'sends half a frame': { sends: [announce(file('f')).subarray(0, 20)], why: /half a frame/ },
  'sends half a head': { sends: [Buffer.alloc(3)], why: /half a frame/ },
  'sends no JSON': { sends: [Buffer.from([0, 0, 0, 1, 0, 0, 0, 0, 123])], why: /not understood/ },
  'sends a message of no kind': { sends: [frame({ type: 'format-disk' })], why: /not understood/ },
  'never says that it ends': { sends: [], why: /breaks off/ },
  'sends a file that nobody asked for': {
    sends: [pack([{ path: 'unasked', offset: 0, bytes: 1 }], 'x'), end],
    why: /not asked for/,
  },
  'sends packs of nothing': { sends: [pack([]), end], why: /pack of nothing/ },
}

/** The same, about a file `f` that was announced with four bytes. */
export const contents: Record<string, { sends: Buffer[]; why: RegExp }> = {
  'sends another content': { sends: [pack([{ path: 'f', offset: 0, bytes: 4 }], 'evil'), end], why: /another content/ },
  'sends more than it announced': {
    sends: [pack([{ path: 'f', offset: 0, bytes: 5 }], 'right'), end],
    why: /another size/,
  },
  'sends pieces out of order': { sends: [pack([{ path: 'f', offset: 2, bytes: 2 }], 'od'), end], why: /out of order/ },
  'sends a piece twice': {
    sends: [pack([{ path: 'f', offset: 0, bytes: 2 }], 'go'), pack([{ path: 'f', offset: 0, bytes: 2 }], 'go'), end],
    why: /out of order/,
  },
  'sends less than it says': {
    sends: [pack([{ path: 'f', offset: 0, bytes: 4 }], 'go'), end],
    why: /less than it says/,
  },
  'sends more than it says': {
    sends: [pack([{ path: 'f', offset: 0, bytes: 2 }], 'good'), end],
    why: /more than it says/,
  },
  'sends pieces of nothing': { sends: [pack([{ path: 'f', offset: 0, bytes: 0 }]), end], why: /another size/ },
  'breaks off within the file': { sends: [pack([{ path: 'f', offset: 0, bytes: 2 }], 'go')], why: /breaks off/ },
}

/** What only somebody who asks a machine can try. */
export const requests: Record<string, { sends: Buffer[]; why: RegExp }> = {
  'announces a file twice': { sends: [announce(file('f'), file('f')), end], why: /names a path twice/ },
  'begins a hundred files and ends none': {
    sends: Array.from({ length: 100 }, (_, i) => [
      announce(file(`f${i}`, 'good')),
      pack([{ path: `f${i}`, offset: 0, bytes: 1 }], 'g'),
    ]).flat(),
    why: /too many files at a time/,
  },
  'removes what is outside': {
    sends: [
      frame({ type: 'do', actions: [{ kind: 'remove', path: '../canary/kept', was: file('../canary/kept') }] }),
      end,
    ],
    why: /leads out of the folder/,
  },
  'copies what is outside': {
    sends: [frame({ type: 'do', actions: [{ ...put(file('f')), copy: '../canary/kept' }] }), end],
    why: /leads out of the folder/,
  },
  'wants what is outside': { sends: [frame({ type: 'want', files: [file('../canary/kept')] }), end], why: /leads out/ },
  'writes a key for SSH': { sends: [announce(file('.ssh/authorized_keys')), end], why: /stays home/ },
  'writes a hook of git': { sends: [announce(file('.git/hooks/pre-commit')), end], why: /stays home/ },
  'asks for nothing, again and again': { sends: [frame({ type: 'do', actions: [] }), end], why: /asks for nothing/ },
}

/** What only a machine that is asked can try. */
export const answers: Record<string, { sends: Buffer[]; why: RegExp }> = {
  'names a path twice': {
    sends: [frame({ type: 'entries', entries: [file('f'), file('f')] }), end],
    why: /a path twice/,
  },
  'names paths out of order': {
    sends: [frame({ type: 'entries', entries: [file('g'), file('f')] }), end],
    why: /out of order/,
  },
  'names a file below a file': {
    sends: [frame({ type: 'entries', entries: [file('f'), file('f/x')] }), end],
    why: /below a file/,
  },
  'says that nothing changed to one who knows nothing': {
    sends: [frame({ type: 'same' }), end],
    why: /does not belong/,
  },
  'tells of no files, again and again': {
    sends: [frame({ type: 'entries', entries: [] }), end],
    why: /does not belong/,
  },
  'tells of nothing, again and again': {
    sends: [frame({ type: 'left', left: [], refused: [] }), end],
    why: /too much that stays/,
  },
}
