export { connect, type SshConnection, type SshTarget } from './connect.ts'
export { SshFailed } from './error.ts'
export { type Job, runJob } from './job.ts'
export { pushFile } from './push-file.ts'
