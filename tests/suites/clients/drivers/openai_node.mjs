// The official `openai` package for Node, as its README shows it; address and key come from its own
// environment variables.
import OpenAI from "openai";
import { zodResponseFormat, zodTextFormat } from "openai/helpers/zod";
import { z } from "zod";
import { serve, weather } from "./lines.mjs";

const client = new OpenAI();
const Report = z.object({ city: z.string(), degrees: z.number(), sunny: z.boolean() });

const chat = {
  async say({ model, prompt, stream, limit }) {
    const body = { model, messages: [{ role: "user", content: prompt }] };
    if (limit) body.max_completion_tokens = limit;
    if (!stream) return chat.said(await client.chat.completions.create(body));
    let text = "";
    let unasked = 0; // what a client that did not ask for usage must not see
    for await (const chunk of await client.chat.completions.create({ ...body, stream: true })) {
      if (chunk.choices.length === 0 || "usage" in chunk) ++unasked;
      text += chunk.choices[0]?.delta.content ?? "";
    }
    return { text, unasked };
  },

  async use_tool({ model, prompt, stream, result }) {
    const messages = [{ role: "user", content: prompt }];
    const tools = [{ type: "function", function: weather }];
    const first = await chat.complete({ model, messages, tools }, stream);
    const [call] = first.choices[0].message.tool_calls;
    messages.push(first.choices[0].message);
    messages.push({ role: "tool", tool_call_id: call.id, content: result });
    const second = await chat.complete({ model, messages, tools }, stream);
    return {
      ...chat.said(second, first),
      tool: { name: call.function.name, arguments: JSON.parse(call.function.arguments) },
    };
  },

  async see({ model, prompt, stream, png }) {
    const url = `data:image/png;base64,${png}`;
    const content = [{ type: "text", text: prompt }, { type: "image_url", image_url: { url } }];
    return chat.said(await chat.complete({ model, messages: [{ role: "user", content }] }, stream));
  },

  async fill({ model, prompt, stream }) {
    const body = {
      model,
      messages: [{ role: "user", content: prompt }],
      response_format: zodResponseFormat(Report, "report"),
    };
    const done = stream
      ? await chat.complete(body, true)
      : await client.chat.completions.parse(body);
    return { ...chat.said(done), value: done.choices[0].message.parsed };
  },

  complete(body, stream) {
    if (!stream) return client.chat.completions.create(body);
    const options = { ...body, stream_options: { include_usage: true } };
    return client.chat.completions.stream(options).finalChatCompletion();
  },

  said(...completions) {
    const sum = (name) => completions.reduce((all, one) => all + (one.usage?.[name] ?? NaN), 0);
    return {
      text: completions[0].choices[0].message.content,
      usage: { input: sum("prompt_tokens"), output: sum("completion_tokens") },
    };
  },
};

const responses = {
  async say({ model, prompt, stream, limit }) {
    const body = { model, input: prompt };
    if (limit) body.max_output_tokens = limit;
    if (!stream) return responses.said(await client.responses.create(body));
    let text = "";
    let last;
    for await (const event of await client.responses.create({ ...body, stream: true })) {
      if (event.type === "response.output_text.delta") text += event.delta;
      if (event.type === "response.failed") throw new Error(event.response.error.message);
      last = event;
    }
    return { ...responses.said(last.response), text };
  },

  async use_tool({ model, prompt, stream, result }) {
    const tools = [{ type: "function", strict: true, ...weather }];
    const first = await responses.complete({ model, input: prompt, tools }, stream);
    const call = first.output.find((item) => item.type === "function_call");
    const output = { type: "function_call_output", call_id: call.call_id, output: result };
    const second = await responses.complete(
      { model, tools, input: [{ role: "user", content: prompt }, ...first.output, output] },
      stream,
    );
    return {
      ...responses.said(second, first),
      tool: { name: call.name, arguments: JSON.parse(call.arguments) },
    };
  },

  async see({ model, prompt, stream, png }) {
    const image_url = `data:image/png;base64,${png}`;
    const content = [
      { type: "input_text", text: prompt },
      { type: "input_image", image_url, detail: "auto" },
    ];
    const body = { model, input: [{ role: "user", content }] };
    return responses.said(await responses.complete(body, stream));
  },

  async fill({ model, prompt, stream }) {
    const body = { model, input: prompt, text: { format: zodTextFormat(Report, "report") } };
    const done = stream
      ? await client.responses.stream(body).finalResponse()
      : await client.responses.parse(body);
    return { ...responses.said(done), value: done.output_parsed };
  },

  complete(body, stream) {
    return stream ? client.responses.stream(body).finalResponse() : client.responses.create(body);
  },

  said(...all) {
    const sum = (name) => all.reduce((total, one) => total + one.usage[name], 0);
    return {
      text: all[0].output_text,
      usage: { input: sum("input_tokens"), output: sum("output_tokens") },
    };
  },
};

const apis = { chat, responses };
const operations = {
  async list_models() {
    const names = [];
    for await (const model of client.models.list()) names.push(model.id);
    return { names };
  },
  async embed({ model, prompt }) {
    const made = await client.embeddings.create({ model, input: [prompt, prompt] });
    return {
      lengths: made.data.map((one) => one.embedding.length),
      usage: { input: made.usage.prompt_tokens, output: 0 },
    };
  },
};
for (const name of ["say", "use_tool", "see", "fill"]) {
  operations[name] = (task) => apis[task.api][name](task);
}
await serve(operations);
