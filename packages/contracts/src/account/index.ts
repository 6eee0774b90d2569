export { type Account, account, accountId, createFirstAccount, password, showAccount } from './account.ts'
export { confirmEmail, emailCode, sendEmailCode } from './verification.ts'
