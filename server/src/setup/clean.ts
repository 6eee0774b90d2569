// What a server says is somebody else's text: it is shown to its owner, in a terminal too.

/** One line of plain text: colours, other control characters and what cannot be seen are taken out. */
export const plain = (text: string) =>
  text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is to go
    .replace(/\u001b(\[[0-9;?]*[ -/]*[@-~]|\][^\u0007\u001b]*(\u0007|\u001b\\)?|[@-_])/g, '')
    .replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()

const keptLines = 100
const keptBytes = 16_384

/** The last lines of a log that goes on: so many, and so many bytes. */
export function tailOf(before: string, lines: readonly string[]): string {
  const all = [...(before === '' ? [] : before.split('\n')), ...lines.map(plain).filter(line => line !== '')]
  let kept = all.slice(-keptLines)
  while (kept.length > 1 && Buffer.byteLength(kept.join('\n')) > keptBytes) kept = kept.slice(1)
  return kept.join('\n')
}
