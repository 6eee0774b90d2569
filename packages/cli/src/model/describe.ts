import type { ModelInUse } from '@spoq/contracts/model'
import { oneLine } from '../render/visible.ts'

/** Which model answers, where it is and who decided it: one line. */
export function describeModel({ source, name, url, hasKey }: ModelInUse): string {
  if (source === 'none' || name === null)
    return 'No model is chosen and none was found on the machine. Ask with --model demo, or: spoq model use NAME --url URL'
  if (name === 'demo') return 'demo: scripted, not AI'
  const where = url === null ? '' : ` at ${oneLine(url)}`
  const why = source === 'found' ? ', found on the machine' : hasKey ? ', with a key' : ''
  return `${oneLine(name)}${where}${why}`
}
