export { fetchRelease, type ReleaseManifest, releaseManifest, releaseType, showRelease } from './release.ts'
