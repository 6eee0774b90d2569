// Which model answers: the one that was asked for, else the machine's choice, else one that runs on the machine.

import type { ModelChoice, ModelInUse } from '@spoq/contracts/model'
import { SpoqError } from '@spoq/contracts/problem'
import { type DemoOptions, demoModel } from './demo.ts'
import { findEndpoint } from './found.ts'
import type { Model } from './model.ts'
import { openAiCompatible } from './openai-compatible.ts'
import { readChoice, writeChoice } from './saved.ts'
import { tryModel } from './try.ts'

export interface Models {
  /**
   * Opens the model for a question.
   * @param asked the name that the question gave; null for the machine's choice.
   * @throws SpoqError `no_model`.
   */
  choose(asked: string | null): Promise<Model>
  /** What a question without a name would use. */
  show(): Promise<ModelInUse>
  /** Makes a choice, once one small call has answered. @throws SpoqError `model_refused`, `model_failed`. */
  use(choice: ModelChoice): Promise<ModelInUse>
}

interface Options {
  /** The machine's folder. */
  folder: string
  /** Addresses on this machine where a model server may listen. */
  endpoints: readonly string[]
  demo: DemoOptions
}

/** The models of a machine. Every question looks anew, so a change needs no restart. */
export function modelsOf({ folder, endpoints, demo }: Options): Models {
  async function choose(asked: string | null): Promise<Model> {
    if (asked === 'demo') return demoModel(demo)
    const choice = readChoice(folder)
    if (choice?.kind === 'openai-compatible') return openAiCompatible({ ...choice, model: asked ?? choice.model })
    if (choice?.kind === 'demo' && asked === null) return demoModel(demo)
    const found = await findEndpoint(endpoints)
    const model = asked === null ? found?.models[0] : found?.models.find(name => isNamed(name, asked))
    if (!found || !model) throw noModel(asked)
    return openAiCompatible({ url: found.url, model })
  }

  async function show(): Promise<ModelInUse> {
    const choice = readChoice(folder)
    if (choice) return describe(choice)
    const found = await findEndpoint(endpoints)
    if (!found) return { source: 'none', name: null, url: null, hasKey: false }
    return { source: 'found', name: found.models[0] ?? null, url: found.url, hasKey: false }
  }

  async function use(choice: ModelChoice): Promise<ModelInUse> {
    if (choice.kind === 'openai-compatible') await tryModel(await openAiCompatible(choice))
    writeChoice(folder, choice)
    return describe(choice)
  }

  return { choose, show, use }
}

function describe(choice: ModelChoice): ModelInUse {
  if (choice.kind === 'demo') return { source: 'chosen', name: 'demo', url: null, hasKey: false }
  return { source: 'chosen', name: choice.model, url: choice.url, hasKey: Boolean(choice.key) }
}

/** Ollama's names carry a tag that people leave out: `llama3` for `llama3:latest`. */
const isNamed = (name: string, asked: string) => name === asked || name.split(':')[0] === asked

function noModel(asked: string | null): SpoqError {
  return new SpoqError('no_model', asked ? { message: `No model named "${asked}" can be reached.` } : {})
}
