import { call } from '@spoq/client/call'
import type { Target } from '@spoq/client/target'
import { showModel, testModel } from '@spoq/contracts/model'
import { describeModel } from '../../model/describe.ts'
import { type Check, ok, warn } from '../check.ts'

export const model: Check = {
  id: 'model',
  needs: ['connection'],
  limitMs: 60_000,
  run: async ({ found, asksModel, signal }) => {
    const target = found.machine as Target
    const inUse = await call(target, showModel, { signal })
    if (inUse.name === null) return warn('none is chosen', 'Choose one: spoq model use NAME --url URL')
    if (!asksModel) return ok(`${describeModel(inUse)}; --model asks it`)
    const { ms } = await call(target, testModel, { body: {}, signal })
    return ok(`${describeModel(inUse)}; it answered in ${Math.round(ms)} ms`)
  },
}
