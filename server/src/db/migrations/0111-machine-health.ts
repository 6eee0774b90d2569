import { frozenSql } from '../frozen-sql.ts'

/** Whether a machine that runs answers. */
export const machineHealth = frozenSql('ALTER TABLE machine ADD COLUMN health jsonb')
