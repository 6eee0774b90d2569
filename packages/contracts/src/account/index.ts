export { type Account, account, accountId, createFirstAccount, password, showAccount } from './account.ts'
