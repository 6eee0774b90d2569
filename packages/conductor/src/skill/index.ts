export { bodyOf, type Frontmatter } from './frontmatter.ts'
export { listSkills, type Skills, skillFolder, skillText } from './list.ts'
