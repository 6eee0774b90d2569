// Where the names of machines stand: an interface, so that another service than Cloudflare is one more file.

export interface Addresses {
  v4?: string
  v6?: string
}

/** The part of the DNS in which machines have their names. Each verb may be repeated and then changes nothing more. */
export interface Zone {
  /**
   * Makes the addresses of a full name (`otter.spoq.example`) these and no others.
   * @throws ProviderError `refused` when the name has records that are not ours; they stay as they are.
   */
  publish(name: string, addresses: Addresses): Promise<void>
  /** Takes the addresses of a name away; what is not ours stays. */
  withdraw(name: string): Promise<void>
  /** Every name of ours with its addresses. */
  list(): Promise<Map<string, Addresses>>
}
