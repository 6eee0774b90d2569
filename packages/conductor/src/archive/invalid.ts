import { SpoqError } from '@spoq/contracts/problem'

export const invalid = (what: string, cause?: unknown) =>
  new SpoqError('archive_invalid', { message: `The archive is not taken: ${what}. Nothing was changed.`, cause })
