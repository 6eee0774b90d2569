import { expect, test, vi } from 'vitest'
import { untilThere } from './until-there.ts'

const coming = { coming: 'otter is waking up.' }
const told: string[] = []
const tell = (text: string) => void told.push(text)

test('who is let in at once waits for nothing and is told nothing', async () => {
  const again = () => Promise.reject(new Error('asked again'))
  expect(await untilThere({ session: 'x' }, { again, tell, isGone: () => false })).toEqual({ session: 'x' })
  expect(told).toEqual([])
})

test('a machine that comes up is waited for, and that is told once', async () => {
  const answers = [coming, coming, { session: 'x' }]
  const again = async () => answers.shift() ?? coming
  expect(await untilThere(coming, { again, tell, isGone: () => false })).toEqual({ session: 'x' })
  expect(told.splice(0)).toEqual(['otter is waking up.'])
})

test('one that stays away, or that its owner stops meanwhile, is told of; for who has gone nobody asks', async () => {
  const refusal = { refusal: 'otter does not run.' }
  expect(await untilThere(coming, { again: async () => refusal, tell, isGone: () => false })).toEqual(refusal)
  const late = await untilThere(coming, { again: async () => coming, tell, isGone: () => false, patienceMs: 500 })
  expect(late).toEqual({ refusal: expect.stringMatching(/^otter is waking up\. It takes longer/) })
  const again = vi.fn(async () => coming)
  await untilThere(coming, { again, tell, isGone: () => true })
  expect(again).not.toHaveBeenCalled()
})
