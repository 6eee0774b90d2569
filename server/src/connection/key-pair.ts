import ssh2 from 'ssh2'

export interface KeyPair {
  /** A line for authorized_keys: with it commands are run, and nothing else. */
  public: string
  /** In OpenSSH's form, without a passphrase. */
  private: string
}

/** A new pair for one connection, whose name the line ends with. */
export function newKeyPair(connection: string): KeyPair {
  const made = ssh2.utils.generateKeyPairSync('ed25519')
  const [kind, blob] = made.public.split(' ')
  return { public: `restrict ${kind} ${blob} spoq-${connection}`, private: made.private }
}
