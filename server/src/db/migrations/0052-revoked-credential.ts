import { frozenSql } from '../frozen-sql.ts'

/** Not logins alone end while tokens of theirs are about: personal access tokens and trusts do, too. */
export const revokedCredential = frozenSql('ALTER TABLE revocation RENAME COLUMN login TO credential')
