export { type ChatMessage, type ChatRequest, completeChat } from './completion.ts'
