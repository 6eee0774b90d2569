import { call } from '@spoq/client/call'
import { type Verification, verifyLedger } from '@spoq/contracts/ledger'
import { exitStatus } from '@spoq/contracts/problem'
import { SpoqCommand } from '../../../command.ts'
import { backendTarget } from '../../../target.ts'

export default class AdminLedgerVerify extends SpoqCommand {
  static override summary = 'Compute the whole ledger once more and say what is wrong.'
  static override description =
    'Sums, balances, holds, the chain of hashes, and its heads in the file outside the database. Ends with status 1 when anything is wrong.'
  static override examples = ['<%= config.bin %> admin ledger verify', '<%= config.bin %> admin ledger verify --json']

  async run(): Promise<Verification> {
    const { flags } = await this.parse(AdminLedgerVerify)
    const verification = await call(backendTarget(this.context(flags)), verifyLedger)
    this.log(linesOf(verification))
    if (verification.findings.length > 0) process.exitCode = exitStatus.failed
    return verification
  }
}

const linesOf = ({ findings, transactions, blocks, heads }: Verification) =>
  [
    ...findings,
    `${transactions} transactions, ${blocks} blocks, ${heads} heads outside the database: ${verdict(findings)}`,
  ].join('\n')

const verdict = ({ length }: string[]) => (length === 0 ? 'all is right.' : `${length} found.`)
