import { ProviderError } from '../provider.ts'

/** What is to be gone may be so already. */
export async function goneIsFine(work: Promise<void>): Promise<void> {
  await work.catch(error => {
    if (!(error instanceof ProviderError && error.kind === 'gone')) throw error
  })
}
