export { type Verification, verification, verifyLedger } from './ledger.ts'
