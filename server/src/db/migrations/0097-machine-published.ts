import { frozenSql } from '../frozen-sql.ts'

/** What stands in the DNS for the machine: `NAME V4 V6`, a dash where there is none. Null while nothing does. */
export const machinePublished = frozenSql('ALTER TABLE machine ADD COLUMN published text')
