export {
  type ChatMessage,
  type ChatRequest,
  completeChat,
  listOpenAiModels,
  type OpenAiModels,
  openAiProblem,
  speaksOpenAi,
} from './completion.ts'
