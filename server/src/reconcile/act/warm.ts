import { warmStage } from '../../machine/unclaimed.ts'
import { type Step, write } from '../step.ts'
import { clean } from './settle.ts'

/** The machine that is made ahead is ready: whoever asks for one may have it. */
export const warm = (step: Step): Promise<void> => write(step, { ...clean, stage: warmStage })
