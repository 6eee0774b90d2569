import { frozenSql } from '../frozen-sql.ts'

/** Which of its tunnel tokens a machine goes by; one without a row goes by its first. */
export const machineTunnel = frozenSql(
  `CREATE TABLE machine_tunnel (
    machine_id text PRIMARY KEY REFERENCES machine (id) ON DELETE CASCADE,
    generation integer NOT NULL,
    previous_until timestamptz NOT NULL
  )`,
)
