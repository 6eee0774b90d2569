export { type Login, listLogins, login, loginId, revokeLogin } from './login.ts'
export { oauth } from './oauth.ts'
