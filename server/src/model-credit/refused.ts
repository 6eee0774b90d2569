/** A call is not made; its machine is told why, in the vendor's own form. */
export class Refused extends Error {
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}
