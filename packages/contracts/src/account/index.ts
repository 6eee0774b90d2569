export { type Account, account, accountId, createFirstAccount, password, showAccount } from './account.ts'
export { askPasswordReset, confirmPasswordReset } from './password-reset.ts'
export { type SecurityEvent, securityEvent, showSecurityLog } from './security-log.ts'
export { confirmEmail, emailCode, sendEmailCode } from './verification.ts'
