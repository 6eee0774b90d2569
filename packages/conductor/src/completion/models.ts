import type { OpenAiModels } from '@spoq/contracts/completion'
import type { ModelOwner } from '../model/index.ts'

/** The names that a request may give, each once: other tools offer them to choose from. */
export async function models(owner: Pick<ModelOwner, 'list'>): Promise<OpenAiModels> {
  const { models, found } = await owner.list()
  const usable = models.filter(({ trouble }) => trouble === null)
  const names = [
    'default',
    ...usable.flatMap(({ name, alias }) => (alias ? [alias, name] : [name])),
    ...found.flatMap(({ vendor, models }) => models.map(name => `${vendor}/${name}`)),
    'demo',
  ]
  return { object: 'list', data: [...new Set(names)].map(entry) }
}

const entry = (id: string) => ({ id, object: 'model' as const, created: 0, owned_by: ownerOf(id) })

const ownerOf = (id: string) => (id.includes('/') ? id.slice(0, id.indexOf('/')) : 'spoq')
