import type { ModelInUse, ModelTested } from '@spoq/contracts/model'
import { oneLine } from '../render/visible.ts'
import { dollars } from './money.ts'

/** Which model answers, where it is and who decided it: one line. */
export function describeModel({ source, name, url, hasKey }: ModelInUse): string {
  if (source === 'none' || name === null)
    return 'No model is chosen and none was found on the machine. Ask with --model demo, or: spoq model key set VENDOR, spoq model use VENDOR/NAME'
  if (name === 'demo') return 'demo: scripted, not AI'
  const where = url === null ? '' : ` at ${oneLine(url)}`
  const why = source === 'found' ? ', found on the machine' : hasKey ? ', with a key' : ''
  return `${oneLine(name)}${where}${why}`
}

/** One small call: how long it took, what it used. */
export function describeTest({ name, ms, usage, costMicros }: ModelTested): string {
  const cost = costMicros === null ? 'price not known' : dollars(costMicros)
  return `${oneLine(name)} answered in ${ms} ms · ${usage.inputTokens} + ${usage.outputTokens} tokens · ${cost}`
}
