/* What no provider counts more of, whichever model it is: bounds for what the bytes of a request do not tell. */

/**
 * No model counts a picture as more: the dearest known is gpt-4o-mini, whose
 * 2,833 + 8 × 5,667 tokens for the largest one at high detail are 48,169
 * (platform.openai.com, images and vision, as of 2026).
 */
export const IMAGE_TOKENS_MAX = 50_000;
/** However short a sound is: its tokens are counted by time, some ten a second, which is far fewer than its bytes. */
export const SOUND_TOKENS_MAX = 128;
/** What has no bytes in the request: what a provider puts around messages, and the thought of one space that we put into some. */
export const TEMPLATE_TOKENS = 64;
export const MESSAGE_TOKENS = 8;
/** How it explains tools to the model: the longest known is Anthropic's, of 530 tokens (its page on tool use, as of 2026). */
export const TOOLS_TOKENS = 640;
