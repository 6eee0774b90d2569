import { SpoqError } from '@spoq/contracts/problem'

/** What `--approve` takes: `deny`, `tool`, `tool(pattern)`. @throws SpoqError `usage` for anything else. */
export function checkRules(rules: readonly string[]): void {
  for (const rule of rules)
    if (!/^[a-z][a-z0-9_]*(?:\(.+\))?$/s.test(rule))
      throw new SpoqError('usage', {
        message: `--approve does not understand "${rule}".`,
        next: 'A rule is tool or tool(pattern), such as --approve "run(npm *)"; --approve deny refuses everything.',
      })
}
