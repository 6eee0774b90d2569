import { actToTheEnd, atRest } from './action.ts'
import type { DigitalOcean } from './options.ts'
import { resume } from './resume.ts'
import { suspend } from './suspend.ts'

/** Changes the droplet's size with its disk: there is no way back to a smaller one. It is off meanwhile. */
export async function resize(cloud: DigitalOcean, ref: string, size: string): Promise<void> {
  const { status, size_slug } = await atRest(cloud, ref)
  if (size_slug === size) return
  if (status !== 'off') await suspend(cloud, ref)
  try {
    await atRest(cloud, ref)
    await actToTheEnd(cloud, ref, { type: 'resize', size, disk: true })
  } finally {
    if (status === 'active') await resume(cloud, ref)
  }
}
