import * as v from 'valibot';
import type { PromptResult, ToolResult } from '../driver';

const Content = v.record(v.string(), v.unknown());
const ToolResultText = v.object({
  content: v.optional(v.array(Content), []),
  structuredContent: v.optional(v.unknown()),
  isError: v.optional(v.boolean(), false),
});
const PromptResultText = v.object({
  description: v.optional(v.string()),
  messages: v.array(v.object({ role: v.string(), content: v.unknown() })),
});
const ResourceText = v.object({
  contents: v.array(v.union([v.object({ text: v.string() }), v.object({ blob: v.string() })])),
});

/** Reads a `CallToolResult`; unknown kinds of content are kept. Throws when it is none. */
export function parseToolResult(raw: string): ToolResult {
  const { content, structuredContent, isError } = v.parse(ToolResultText, JSON.parse(raw));
  return { content, structuredContent, isError };
}

/** Reads a `GetPromptResult`. Throws when it is none. */
export function parsePromptResult(raw: string): PromptResult {
  const { description, messages } = v.parse(PromptResultText, JSON.parse(raw));
  return { description, messages: messages.map(({ role, content }) => ({ role, content })), raw };
}

/** The bytes in a `ReadResourceResult`, its contents one after the other. Throws when it is none. */
export function parseResource(raw: string): Uint8Array {
  const { contents } = v.parse(ResourceText, JSON.parse(raw));
  return Buffer.concat(
    contents.map((one) => ('text' in one ? Buffer.from(one.text) : Buffer.from(one.blob, 'base64'))),
  );
}
