// The official `@anthropic-ai/sdk` package, as its README shows it; address and key come from its
// own environment variables.
import Anthropic from "@anthropic-ai/sdk";
import { zodOutputFormat } from "@anthropic-ai/sdk/helpers/zod";
import { z } from "zod";
import { serve, weather } from "./lines.mjs";

const client = new Anthropic();
const Report = z.object({ city: z.string(), degrees: z.number(), sunny: z.boolean() });
const max_tokens = 1024;

function complete(body, stream) {
  return stream ? client.messages.stream(body).finalMessage() : client.messages.create(body);
}

function said(...messages) {
  const input = ({ usage }) =>
    usage.input_tokens + usage.cache_read_input_tokens + usage.cache_creation_input_tokens;
  return {
    text: messages[0].content.map((block) => block.text ?? "").join(""),
    usage: {
      input: messages.reduce((sum, one) => sum + input(one), 0),
      output: messages.reduce((sum, one) => sum + one.usage.output_tokens, 0),
    },
  };
}

await serve({
  async say({ model, prompt, stream, limit }) {
    const messages = [{ role: "user", content: prompt }];
    const body = { model, messages, max_tokens: limit ?? max_tokens };
    if (!stream) return said(await client.messages.create(body));
    let text = "";
    const events = client.messages.stream(body).on("text", (piece) => (text += piece));
    return { ...said(await events.finalMessage()), text };
  },

  async use_tool({ model, prompt, stream, result }) {
    const { name, description, parameters: input_schema } = weather;
    const tools = [{ name, description, input_schema }];
    const messages = [{ role: "user", content: prompt }];
    const first = await complete({ model, max_tokens, tools, messages }, stream);
    const call = first.content.find((block) => block.type === "tool_use");
    messages.push({ role: "assistant", content: first.content });
    messages.push({
      role: "user",
      content: [{ type: "tool_result", tool_use_id: call.id, content: result }],
    });
    const second = await complete({ model, max_tokens, tools, messages }, stream);
    return { ...said(second, first), tool: { name: call.name, arguments: call.input } };
  },

  async see({ model, prompt, stream, png }) {
    const source = { type: "base64", media_type: "image/png", data: png };
    const content = [{ type: "image", source }, { type: "text", text: prompt }];
    const messages = [{ role: "user", content }];
    return said(await complete({ model, max_tokens, messages }, stream));
  },

  async fill({ model, prompt, stream }) {
    const body = {
      model,
      max_tokens,
      messages: [{ role: "user", content: prompt }],
      output_config: { format: zodOutputFormat(Report) },
    };
    const done = stream
      ? await client.messages.stream(body).finalMessage()
      : await client.messages.parse(body);
    return { ...said(done), value: done.parsed_output };
  },

  async list_models() {
    const names = [];
    for await (const model of client.models.list()) names.push(model.id);
    return { names };
  },

  async count({ model, prompt }) {
    const messages = [{ role: "user", content: prompt }];
    return { count: (await client.messages.countTokens({ model, messages })).input_tokens };
  },
});
