"""The official `openai` package for Python, as its README shows it; address and key come from its
own environment variables."""
import json

import openai
import pydantic

from lines import WEATHER, serve

client = openai.OpenAI()


class Report(pydantic.BaseModel):
    city: str
    degrees: float
    sunny: bool


def limited(body, name, task):
    return {**body, name: task["limit"]} if task.get("limit") else body


class Chat:
    @staticmethod
    def complete(body, stream):
        if not stream:
            return client.chat.completions.create(**body)
        options = {"include_usage": True}
        with client.chat.completions.stream(**body, stream_options=options) as events:
            for _ in events:
                pass
            return events.get_final_completion()

    @staticmethod
    def said(*completions):
        return {
            "text": completions[0].choices[0].message.content,
            "usage": {
                "input": sum(one.usage.prompt_tokens for one in completions),
                "output": sum(one.usage.completion_tokens for one in completions),
            },
        }

    def say(self, task):
        body = {"model": task["model"], "messages": [{"role": "user", "content": task["prompt"]}]}
        body = limited(body, "max_completion_tokens", task)
        if not task["stream"]:
            return self.said(client.chat.completions.create(**body))
        text, unasked = "", 0  # what a client that did not ask for usage must not see
        for chunk in client.chat.completions.create(**body, stream=True):
            if not chunk.choices or chunk.usage is not None:
                unasked += 1
            else:
                text += chunk.choices[0].delta.content or ""
        return {"text": text, "unasked": unasked}

    def use_tool(self, task):
        tools = [{"type": "function", "function": {**WEATHER, "strict": True}}]
        messages = [{"role": "user", "content": task["prompt"]}]
        body = {"model": task["model"], "messages": messages, "tools": tools}
        first = self.complete(body, task["stream"])
        call = first.choices[0].message.tool_calls[0]
        asked = {"id": call.id, "type": "function", "function": {
            "name": call.function.name, "arguments": call.function.arguments}}
        messages.append({"role": "assistant", "tool_calls": [asked]})
        messages.append({"role": "tool", "tool_call_id": call.id, "content": task["result"]})
        second = self.complete(body, task["stream"])
        arguments = json.loads(call.function.arguments)
        return {**self.said(second, first),
                "tool": {"name": call.function.name, "arguments": arguments}}

    def see(self, task):
        image = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + task["png"]}}
        content = [{"type": "text", "text": task["prompt"]}, image]
        body = {"model": task["model"], "messages": [{"role": "user", "content": content}]}
        return self.said(self.complete(body, task["stream"]))

    def fill(self, task):
        body = {"model": task["model"], "response_format": Report,
                "messages": [{"role": "user", "content": task["prompt"]}]}
        if task["stream"]:
            done = self.complete(body, True)
        else:
            done = client.chat.completions.parse(**body)
        return {**self.said(done), "value": done.choices[0].message.parsed.model_dump()}


class Responses:
    @staticmethod
    def complete(body, stream):
        if not stream:
            return client.responses.create(**body)
        with client.responses.stream(**body) as events:
            return events.get_final_response()

    @staticmethod
    def said(*responses):
        return {
            "text": responses[0].output_text,
            "usage": {
                "input": sum(one.usage.input_tokens for one in responses),
                "output": sum(one.usage.output_tokens for one in responses),
            },
        }

    def say(self, task):
        body = limited({"model": task["model"], "input": task["prompt"]}, "max_output_tokens", task)
        if not task["stream"]:
            return self.said(client.responses.create(**body))
        text, last = "", None
        for event in client.responses.create(**body, stream=True):
            if event.type == "response.output_text.delta":
                text += event.delta
            if event.type == "response.failed":
                raise RuntimeError(event.response.error.message)
            last = event
        return {**self.said(last.response), "text": text}

    def use_tool(self, task):
        tools = [{"type": "function", "strict": True, **WEATHER}]
        body = {"model": task["model"], "tools": tools, "input": task["prompt"]}
        first = self.complete(body, task["stream"])
        call = next(item for item in first.output if item.type == "function_call")
        output = {"type": "function_call_output", "call_id": call.call_id, "output": task["result"]}
        asked = {"type": "function_call", "call_id": call.call_id, "name": call.name,
                 "arguments": call.arguments}
        body["input"] = [{"role": "user", "content": task["prompt"]}, asked, output]
        second = self.complete(body, task["stream"])
        return {**self.said(second, first),
                "tool": {"name": call.name, "arguments": json.loads(call.arguments)}}

    def see(self, task):
        image = {"type": "input_image", "detail": "auto",
                 "image_url": "data:image/png;base64," + task["png"]}
        content = [{"type": "input_text", "text": task["prompt"]}, image]
        body = {"model": task["model"], "input": [{"role": "user", "content": content}]}
        return self.said(self.complete(body, task["stream"]))

    def fill(self, task):
        body = {"model": task["model"], "input": task["prompt"], "text_format": Report}
        if task["stream"]:
            done = self.complete(body, True)
        else:
            done = client.responses.parse(**body)
        return {**self.said(done), "value": done.output_parsed.model_dump()}


def embed(task):
    made = client.embeddings.create(model=task["model"], input=[task["prompt"], task["prompt"]])
    return {"lengths": [len(one.embedding) for one in made.data],
            "usage": {"input": made.usage.prompt_tokens, "output": 0}}


APIS = {"chat": Chat(), "responses": Responses()}
OPERATIONS = {name: lambda task, name=name: getattr(APIS[task["api"]], name)(task)
              for name in ("say", "use_tool", "see", "fill")}
OPERATIONS["embed"] = embed
OPERATIONS["list_models"] = lambda task: {"names": [model.id for model in client.models.list()]}
serve(OPERATIONS)
