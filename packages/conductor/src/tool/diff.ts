// A unified diff of two texts, for a person to decide on.

/** Lines around a change. */
const around = 3
/** Most bytes of a diff; what is over is counted and left out. */
const most = 16 << 10

/** The diff, cut where it is long. `before` null: the file is created. */
export function unifiedDiff(path: string, before: string | null, after: string): string {
  const from = linesOf(before ?? '')
  const to = linesOf(after)
  // What is edited is one place: all that differs stands between an equal beginning and an equal end.
  const head = commonLength(from, to, (lines, index) => lines[index])
  const room = Math.min(from.length, to.length) - head
  const tail = Math.min(
    room,
    commonLength(from, to, (lines, index) => lines[lines.length - 1 - index]),
  )
  const begin = Math.max(0, head - around)
  const context = Math.min(around, tail)
  const body = [
    ...from.slice(begin, head).map(line => ` ${line}`),
    ...from.slice(head, from.length - tail).map(line => `-${line}`),
    ...to.slice(head, to.length - tail).map(line => `+${line}`),
    ...from.slice(from.length - tail, from.length - tail + context).map(line => ` ${line}`),
  ]
  const counts = [from, to].map(lines => range(begin, lines.length - tail + context - begin))
  const name = (sign: string) => (before === null && sign === 'a' ? '/dev/null' : `${sign}/${path}`)
  return cut(`--- ${name('a')}\n+++ ${name('b')}\n@@ -${counts[0]} +${counts[1]} @@\n`, body)
}

const noNewline = '\n\\ No newline at end of file'

function linesOf(text: string): string[] {
  if (text === '') return []
  const lines = text.split('\n')
  const last = lines.pop() ?? ''
  return last === '' ? lines : [...lines, last + noNewline]
}

function commonLength(a: string[], b: string[], at: (lines: string[], index: number) => string | undefined): number {
  let length = 0
  while (length < Math.min(a.length, b.length) && at(a, length) === at(b, length)) length++
  return length
}

const range = (begin: number, count: number) => `${count === 0 ? begin : begin + 1},${count}`

function cut(head: string, lines: readonly string[]): string {
  let room = most - head.length
  const kept: string[] = []
  for (const line of lines) {
    const bytes = Buffer.byteLength(line) + 1
    if (bytes > room) return `${head}${kept.join('')}[${lines.length - kept.length} lines left out]\n`
    room -= bytes
    kept.push(`${line}\n`)
  }
  return head + kept.join('')
}
