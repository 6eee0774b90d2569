export {
  addTrust,
  gitRef,
  jobTokenSeconds,
  listTrusts,
  removeTrust,
  repositoryId,
  type Trust,
  trust,
  trustId,
} from './trust.ts'
