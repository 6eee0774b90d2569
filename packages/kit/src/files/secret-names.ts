// Names that say "a secret is in here". What has one, or stands below one, never leaves the computer that it is on.

const folders = new Set(['.aws', '.azure', '.docker', '.git', '.gnupg', '.kube', '.password-store', '.spoq', '.ssh'])

const files = new Set([
  '.git-credentials',
  '.htpasswd',
  '.my.cnf',
  '.netrc',
  '.npmrc',
  '.pgpass',
  '.pypirc',
  '.vault-token',
  '.yarnrc.yml',
  '_netrc',
  'credentials',
])

const patterns = [
  // .env, .env.local, .envrc; the example has none, that is what it is for.
  /^\.env(?!\.example$)/,
  /\.(?:pem|key|p12|pfx|jks|keystore|kdbx|ppk)$/,
  /^id_(?:rsa|dsa|ecdsa|ed25519)/,
  /^(?:credentials|secrets?|service[-_]account.*)\.(?:json|ya?ml|toml|ini)$/,
  /\.tfstate(?:\.backup)?$/,
]

/** Whether any part of a path (with slashes) is a name that secrets are kept under, however its letters are cased. */
export function isSecret(path: string): boolean {
  return path.normalize('NFKC').toLowerCase().split('/').some(isSecretName)
}

function isSecretName(name: string): boolean {
  return folders.has(name) || files.has(name) || patterns.some(pattern => pattern.test(name))
}
