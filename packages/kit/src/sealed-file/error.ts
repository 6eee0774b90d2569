/** A sealed file that does not open: damaged, forged, moved, or its key is gone. The message names no secret. */
export class SealBroken extends Error {
  override readonly name = 'SealBroken'
}
