// A driver reads one task of JSON a line and answers each with one line: what the operation of that
// name returned, or the error that the client threw.
import { createInterface } from "node:readline";

export async function serve(operations) {
  for await (const line of createInterface({ input: process.stdin })) {
    const task = JSON.parse(line);
    let answer;
    try {
      answer = await operations[task.do](task);
    } catch (error) {
      answer = { error: describe(error) };
    }
    process.stdout.write(JSON.stringify(answer) + "\n");
  }
}

export function describe(error) {
  const last = error.lastError ?? error; // Vercel's RetryError wraps the last of several
  return {
    name: last.constructor?.name ?? typeof error,
    retried: error.lastError !== undefined,
    status: last.status ?? last.statusCode ?? null,
    message: String(last.message ?? last),
    body: last.error ?? last.data ?? null,
    stack: String(last.stack ?? ""),
  };
}

export const weather = {
  name: "get_weather",
  description: "The weather of a city",
  parameters: {
    type: "object",
    properties: { city: { type: "string" } },
    required: ["city"],
    additionalProperties: false,
  },
};
