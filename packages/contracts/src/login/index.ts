export { type Login, listLogins, login, loginId, oauth, revokeLogin } from './login.ts'
