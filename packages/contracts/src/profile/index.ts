export { newProfile, type Profile, profile, profileChange, profileId, profileName } from './profile.ts'
export { addProfile, listProfiles, removeProfile, setProfile } from './routes.ts'
