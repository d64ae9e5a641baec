"""The official `anthropic` package for Python, as its README shows it; address and key come from
its own environment variables."""
import anthropic
import pydantic

from lines import WEATHER, serve

client = anthropic.Anthropic()
MAX_TOKENS = 1024


class Report(pydantic.BaseModel):
    city: str
    degrees: float
    sunny: bool


def complete(body, stream):
    if not stream:
        return client.messages.create(**body)
    with client.messages.stream(**body) as events:
        return events.get_final_message()


def said(*messages):
    def taken(usage):
        return (usage.input_tokens + (usage.cache_read_input_tokens or 0)
                + (usage.cache_creation_input_tokens or 0))

    return {
        "text": "".join(block.text for block in messages[0].content if block.type == "text"),
        "usage": {"input": sum(taken(one.usage) for one in messages),
                  "output": sum(one.usage.output_tokens for one in messages)},
    }


def plain(task, content=None):
    return {"model": task["model"], "max_tokens": task.get("limit") or MAX_TOKENS,
            "messages": [{"role": "user", "content": content or task["prompt"]}]}


def say(task):
    if not task["stream"]:
        return said(client.messages.create(**plain(task)))
    with client.messages.stream(**plain(task)) as events:
        text = "".join(events.text_stream)
        return {**said(events.get_final_message()), "text": text}


def use_tool(task):
    tool = {"name": WEATHER["name"], "description": WEATHER["description"],
            "input_schema": WEATHER["parameters"]}
    body = {**plain(task), "tools": [tool]}
    first = complete(body, task["stream"])
    call = next(block for block in first.content if block.type == "tool_use")
    result = {"type": "tool_result", "tool_use_id": call.id, "content": task["result"]}
    body["messages"] += [{"role": "assistant", "content": first.content},
                         {"role": "user", "content": [result]}]
    second = complete(body, task["stream"])
    return {**said(second, first), "tool": {"name": call.name, "arguments": call.input}}


def see(task):
    source = {"type": "base64", "media_type": "image/png", "data": task["png"]}
    content = [{"type": "image", "source": source}, {"type": "text", "text": task["prompt"]}]
    return said(complete(plain(task, content), task["stream"]))


def fill(task):
    if task["stream"]:
        with client.messages.stream(**plain(task), output_format=Report) as events:
            done = events.get_final_message()
    else:
        done = client.messages.parse(**plain(task), output_format=Report)
    return {**said(done), "value": done.parsed_output.model_dump()}


def count(task):
    body = {"model": task["model"], "messages": plain(task)["messages"]}
    return {"count": client.messages.count_tokens(**body).input_tokens}


serve({
    "say": say, "use_tool": use_tool, "see": see, "fill": fill, "count": count,
    "list_models": lambda task: {"names": [model.id for model in client.models.list()]},
})
