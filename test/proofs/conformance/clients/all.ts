import { aiSdkAnthropic, aiSdkGoogle, aiSdkOpenAi, aiSdkResponses } from './ai-sdk-client.ts';
import { anthropicClient, anthropicStreamHelper } from './anthropic-client.ts';
import type { Client } from './client.ts';
import { geminiClient } from './gemini-client.ts';
import { openAiClient, openAiStreamHelper } from './openai-client.ts';
import { responsesClient, responsesStreamHelper } from './responses-client.ts';

export const CLIENTS: readonly Client[] = [
  openAiClient,
  openAiStreamHelper,
  aiSdkOpenAi,
  responsesClient,
  responsesStreamHelper,
  aiSdkResponses,
  anthropicClient,
  anthropicStreamHelper,
  aiSdkAnthropic,
  geminiClient,
  aiSdkGoogle,
];
