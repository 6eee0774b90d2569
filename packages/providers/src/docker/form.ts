import { asking } from './fault.ts'
import type { Engine } from './options.ts'

/** The image that its name stands for now: it holds all that a machine runs. */
export async function form({ docker, image }: Engine): Promise<string> {
  const { Id } = await asking(() => docker.getImage(image).inspect(), { isHarmless: true })
  return Id
}
