export { type Domain, domain, domainName } from './domain.ts'
export { addDomain, listDomains, removeDomain, verifyDomain } from './routes.ts'
