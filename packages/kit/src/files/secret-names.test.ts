import { expect, test } from 'vitest'
import { isSecret } from './secret-names.ts'

test.each([
  '.env',
  '.ENV',
  '.env.production',
  '.envrc',
  'a/b/.env.local',
  'server.pem',
  'tls/private.KEY',
  'id_rsa',
  'id_ed25519.pub',
  '.ssh/known_hosts',
  '.aws/config',
  '.npmrc',
  '.netrc',
  '.gnupg/x',
  '.git/config',
  '.git-credentials',
  'credentials',
  'gcloud/credentials.json',
  'service-account-prod.json',
  'secrets.yaml',
  'prod.tfstate',
])('%s is kept back', path => expect(isSecret(path)).toBe(true))

test.each(['.env.example', 'environment.ts', 'src/keys.ts', 'keyboard.md', '.gitignore', 'pem.md', 'credentials.ts'])(
  '%s is not',
  path => expect(isSecret(path)).toBe(false),
)
