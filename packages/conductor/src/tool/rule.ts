// Rules that decide beforehand what a tool may do without asking: `tool`, `tool(pattern)`, and `deny`.
//
// In a pattern `*` stands for anything. But a command line can hold more than one command, so a pattern with `*` never
// matches one with ; & | ` $ < > \ or a line end in it: `run(npm *)` lets `npm test` through and not `npm test; rm -rf /`.
// Such a line is matched by itself, letter by letter, or by `run` and `run(*)`, which allow everything.

/** What the rules say of a call. A rule that matches allows; `deny` refuses what would otherwise be asked. */
export function decide(
  tool: string,
  subject: string,
  needs: 'nothing' | 'approval',
  rules: readonly string[],
): 'allow' | 'ask' | 'deny' {
  if (needs === 'nothing') return 'allow'
  if (rules.some(rule => allows(rule, tool, subject))) return 'allow'
  return rules.includes('deny') ? 'deny' : 'ask'
}

/** Whether a text is a rule at all; one that is not matches nothing. */
export const isRule = (text: string): boolean => parse(text) !== null

function allows(text: string, tool: string, subject: string): boolean {
  const rule = parse(text)
  if (!rule || text === 'deny' || rule.tool !== tool) return false
  return rule.pattern === null || matches(rule.pattern, subject)
}

function parse(text: string): { tool: string; pattern: string | null } | null {
  const parts = /^([a-z_]+)(?:\((.*)\))?$/s.exec(text)
  return parts ? { tool: parts[1] as string, pattern: parts[2] ?? null } : null
}

/** What joins, redirects or computes commands in a shell. */
const shellWords = /[;&|`$<>\\\n\r]/

function matches(pattern: string, subject: string): boolean {
  if (pattern === '*' || pattern === subject) return true
  return pattern.includes('*') && !shellWords.test(subject) && fits(pattern.split('*'), subject)
}

/** Whether the pieces stand in the text in this order: the first at its beginning, the last at its end. */
function fits(pieces: readonly string[], text: string): boolean {
  const first = pieces[0] as string
  const last = pieces.at(-1) as string
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false
  let from = first.length
  for (const piece of pieces.slice(1, -1)) {
    const at = text.indexOf(piece, from)
    if (at === -1) return false
    from = at + piece.length
  }
  return from <= text.length - last.length
}
