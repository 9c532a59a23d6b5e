import { aiSdkAnthropic, aiSdkOpenAi } from './ai-sdk-client.ts';
import { anthropicClient, anthropicStreamHelper } from './anthropic-client.ts';
import type { Client } from './client.ts';
import { openAiClient, openAiStreamHelper } from './openai-client.ts';

export const CLIENTS: readonly Client[] = [
  openAiClient,
  openAiStreamHelper,
  aiSdkOpenAi,
  anthropicClient,
  anthropicStreamHelper,
  aiSdkAnthropic,
];
