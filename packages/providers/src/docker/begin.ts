import type Docker from 'dockerode'
import { asking, refusalOf, unlessStatus } from './fault.ts'

/**
 * Starts a container. One that cannot be started (an Engine that died while it did holds on to it) is removed:
 * the next try makes it anew. @throws ProviderError
 */
export async function begin(container: Docker.Container): Promise<void> {
  const remove = async (error: unknown) => {
    if (refusalOf(error)) await container.remove({ force: true }).catch(() => undefined)
    throw error
  }
  await asking(() => container.start().catch(unlessStatus(304)).catch(remove))
}
