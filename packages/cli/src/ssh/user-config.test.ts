import { lstatSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../testing.ts'
import { changeConfig, withBlock, withoutBlock } from './user-config.ts'

const own = '/home/ann/my files/.spoq/cli/ssh/config'
const lines = fc
  .array(fc.oneof(fc.string(), fc.constantFrom('Host *', '  User ann', '# spoqs begin', '#spoq end', '\r', '')))
  .map(all => all.join('\n'))
  .filter(text => !/^# spoq (begin|end)\b/m.test(text))

// Catches a block that is matched from its first line to somebody else's last, and a line end that goes with it.
test('whatever the person wrote is there afterwards as it was; put twice it stands once', () => {
  fc.assert(
    fc.property(lines, text => {
      const once = withBlock(text, own)
      expect(withBlock(once, '/elsewhere')).toBe(withBlock(text, '/elsewhere'))
      expect(withBlock(once, own)).toBe(once)
      expect(once.endsWith(text)).toBe(true)
      expect(withoutBlock(once)).toBe(text)
    }),
  )
})

test('a block that the person moved is found between their lines', () => {
  const block = withBlock('', own)
  expect(withoutBlock(`Host a\n${block}Host b\n`)).toBe('Host a\nHost b\n')
  expect(withoutBlock(`Host a\n${block.trimEnd()}`)).toBe('Host a\n')
})

test.each(['# spoq begin\nHost a\n', 'Host a\n# spoq end\n', '# spoq begin\n# spoq begin\n# spoq end\n'])(
  'half a block is refused, as nobody knows what is whose: %j',
  text => {
    expect(() => withBlock(text, own)).toThrow(expect.objectContaining({ code: 'config_invalid' }))
  },
)

test('the file is this person’s alone, a link to it stays one, and an empty rest is no file', () => {
  using folder = temporaryFolder()
  const [file, link] = [join(folder.path, 'dotfiles/config'), join(folder.path, '.ssh/config')]
  mkdirSync(join(folder.path, 'dotfiles'))
  mkdirSync(join(folder.path, '.ssh'))
  writeFileSync(file, 'Host a\n')
  symlinkSync(file, link)
  expect(changeConfig(link, text => withBlock(text, own))).toBe(true)
  expect(changeConfig(link, text => withBlock(text, own))).toBe(false)
  expect(lstatSync(link).isSymbolicLink()).toBe(true)
  expect(readFileSync(file, 'utf8')).toBe(withBlock('Host a\n', own))
  expect(statSync(file).mode & 0o777).toBe(0o600)
  const fresh = join(folder.path, 'new/.ssh/config')
  expect(changeConfig(fresh, text => withBlock(text, own))).toBe(true)
  expect(changeConfig(fresh, withoutBlock)).toBe(true)
  expect(() => statSync(fresh)).toThrow('ENOENT')
})
