// The system's keychain, where its optional native part is there and works.

export interface Keychain {
  getPassword(service: string, account: string): Promise<string | null>
  setPassword(service: string, account: string, password: string): Promise<void>
  deletePassword(service: string, account: string): Promise<boolean>
}

/** Null when there is none: not installed, no library, no session bus. */
export async function loadKeychain(): Promise<Keychain | null> {
  try {
    const loaded = (await import('keytar')) as unknown as { default?: Keychain } & Keychain
    return loaded.default ?? loaded
  } catch {
    return null
  }
}
