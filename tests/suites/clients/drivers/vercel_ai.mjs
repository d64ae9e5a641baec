// Vercel's `ai` with its providers for OpenAI (chat and responses) and Anthropic; addresses and keys
// come from the providers' own environment variables.
import { anthropic } from "@ai-sdk/anthropic";
import { openai } from "@ai-sdk/openai";
import { generateText, isStepCount, Output, streamText, tool } from "ai";
import { z } from "zod";
import { serve, weather } from "./lines.mjs";

const Report = z.object({ city: z.string(), degrees: z.number(), sunny: z.boolean() });
const apis = { chat: openai.chat, responses: openai.responses, messages: anthropic };

async function run({ api, model, stream }, body) {
  const options = { model: apis[api](model), ...body };
  const done = stream ? streamText({ ...options, onError() {} }) : await generateText(options);
  if (stream) {
    // Errors are parts of this stream, and reject what is awaited below.
    for await (const part of done.fullStream) if (part.type === "error") throw part.error;
  }
  const usage = await done.totalUsage;
  return {
    text: await done.text,
    usage: { input: usage.inputTokens, output: usage.outputTokens },
    steps: await done.steps,
    value: body.output ? await done.output : undefined,
  };
}

await serve({
  async say(task) {
    const { text, usage } = await run(task, { prompt: task.prompt, maxOutputTokens: task.limit });
    return { text, usage };
  },

  async use_tool(task) {
    const get_weather = tool({
      description: weather.description,
      inputSchema: z.object({ city: z.string() }),
      execute: async () => task.result,
    });
    const body = { prompt: task.prompt, tools: { get_weather }, stopWhen: isStepCount(4) };
    const { text, usage, steps } = await run(task, body);
    const [call] = steps[0].toolCalls;
    return { text, usage, tool: { name: call.toolName, arguments: call.input } };
  },

  async see(task) {
    const image = { type: "file", data: Buffer.from(task.png, "base64"), mediaType: "image/png" };
    const content = [{ type: "text", text: task.prompt }, image];
    const { text, usage } = await run(task, { messages: [{ role: "user", content }] });
    return { text, usage };
  },

  async fill(task) {
    const output = Output.object({ schema: Report });
    const { text, usage, value } = await run(task, { prompt: task.prompt, output });
    return { text, usage, value };
  },
});
