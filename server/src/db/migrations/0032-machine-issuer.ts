import { frozenSql } from '../frozen-sql.ts'

/** Null for those that were made before: it is not known what they were told. */
export const machineIssuer = frozenSql('ALTER TABLE machine ADD COLUMN issuer text')
