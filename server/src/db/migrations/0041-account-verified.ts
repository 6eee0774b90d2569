import { frozenSql } from '../frozen-sql.ts'

export const accountVerified = frozenSql('ALTER TABLE account ADD COLUMN email_verified boolean NOT NULL DEFAULT false')
