"""Every official client against the sandbox: text, a tool's round trip, an image and structured
output, whole and streamed. What the client says that it used is what the books say."""
import base64
import concurrent.futures
import struct
import unittest
import zlib

from workspace import CLIENTS, Client, Workspace, wait_until

RESULT = "It is 7 degrees in Oslo."
PROMPTS = {
    "say": "Say hello.",
    "use_tool": "Use the get_weather tool for Oslo.",
    "see": "What is in this image?",
    "fill": "Report the weather of Oslo.",
}


def png(side=64):
    """A grey square, in base64."""
    def chunk(name, data):
        return (struct.pack(">I", len(data)) + name + data
                + struct.pack(">I", zlib.crc32(name + data)))

    rows = (b"\0" + b"\x80" * side) * side
    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    whole = (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows))
             + chunk(b"IEND", b""))
    return base64.b64encode(whole).decode()


def booked(workspace, name):
    total = workspace.usage(name)["total"]
    parts = ("input", "cached_input", "cache_write_5m", "cache_write_1h")
    return {"requests": total["requests"], "output": total["output_tokens"],
            "input": sum(total[part + "_tokens"] for part in parts)}


def run_all(workspace, name):
    """All of one client's tasks, one after the other; what each brought, and what it added to the
    books."""
    key = workspace.add_person(name)
    outcomes = {}
    with Client(name, workspace.base_url, key) as client:
        def run(task, requests, *arguments, **more):
            before = booked(workspace, name)
            answer = client.run(*arguments, **more)
            if "error" not in answer:
                wait_until(lambda: booked(workspace, name)["requests"]
                           >= before["requests"] + requests, f"{name}'s {task} in the books")
            after = booked(workspace, name)
            outcomes[task] = answer, {part: after[part] - before[part] for part in after}

        for api in CLIENTS[name]:
            for do, prompt in PROMPTS.items():
                for stream in (False, True):
                    run((api, do, stream), 2 if do == "use_tool" else 1, do, api, stream,
                        prompt=prompt, png=png(), result=RESULT)
        if name.startswith("openai"):
            run("embed", 1, "embed", "", model="text-embedding-3-small", prompt="Hello")
        if name.startswith("anthropic"):
            run("count", 0, "count", "messages", prompt="Hello")
        if name != "vercel_ai":
            run("list_models", 0, "list_models", "")
    cap = workspace.settled_cap(key)
    return outcomes, cap, workspace.usage(name)["total"]


class Sdks(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.workspace = cls.enterClassContext(Workspace())
        with concurrent.futures.ThreadPoolExecutor(len(CLIENTS)) as pool:
            ran = {name: pool.submit(run_all, cls.workspace, name) for name in CLIENTS}
            cls.ran = {name: one.result() for name, one in ran.items()}

    def each(self, *operations):
        """(client and task, the answer, what it added to the books) of every such task that ran."""
        found = [(f"{name} {task}", answer, added)
                 for name, (outcomes, _, _) in self.ran.items()
                 for task, (answer, added) in outcomes.items()
                 if (task if isinstance(task, str) else task[1]) in operations]
        for label, answer, _ in found:
            self.assertNotIn("error", answer, label)
        return found

    def test_every_client_ran_everything(self):
        for operation in PROMPTS:
            self.assertEqual(len(self.each(operation)), 2 * sum(map(len, CLIENTS.values())))

    def test_text_comes_whole_and_streamed(self):
        for label, answer, _ in self.each("say"):
            self.assertIn("sandbox", answer["text"], label)

    def test_a_chat_stream_hides_the_usage_that_was_not_asked_for(self):
        streams = [one for one in self.each("say") if "unasked" in one[1]]
        self.assertEqual(len(streams), 2)
        for label, answer, added in streams:
            self.assertEqual(answer["unasked"], 0, label)
            self.assertGreater(added["output"], 0, label)

    def test_a_tool_is_called_and_its_result_answered(self):
        for label, answer, added in self.each("use_tool"):
            self.assertEqual(answer["tool"]["name"], "get_weather", label)
            self.assertIsInstance(answer["tool"]["arguments"]["city"], str, label)
            self.assertIn("7 degrees", answer["text"], label)
            self.assertEqual(added["requests"], 2, label)

    def test_an_image_is_taken(self):
        for label, answer, added in self.each("see"):
            self.assertIn("sandbox", answer["text"], label)
            self.assertEqual(added["requests"], 1, label)

    def test_structured_output_fits_its_schema(self):
        for label, answer, _ in self.each("fill"):
            self.assertEqual(sorted(answer["value"]), ["city", "degrees", "sunny"], label)
            self.assertIsInstance(answer["value"]["city"], str, label)
            self.assertIsInstance(answer["value"]["sunny"], bool, label)

    def test_what_a_client_counts_is_what_is_booked(self):
        counted = [one for one in self.each("say", "use_tool", "see", "fill", "embed")
                   if "usage" in one[1]]
        # All but the plain chat streams of the two OpenAI clients, which do not ask for usage.
        self.assertEqual(len(counted), 2 * 4 * sum(map(len, CLIENTS.values())) - 2 + 2)
        for label, answer, added in counted:
            booked_tokens = {"input": added["input"], "output": added["output"]}
            self.assertEqual(answer["usage"], booked_tokens, label)

    def test_what_is_free_costs_nothing(self):
        for label, _, added in self.each("count", "list_models"):
            self.assertEqual(added, {"requests": 0, "input": 0, "output": 0}, label)

    def test_models_are_listed_embedded_and_counted(self):
        for label, answer, _ in self.each("list_models"):
            wanted = "claude" if label.startswith("anthropic") else "gpt"
            self.assertTrue(any(wanted in model for model in answer["names"]), answer)
        for label, answer, _ in self.each("embed"):
            first, second = answer["lengths"]
            self.assertEqual(first, second, label)
        for label, answer, _ in self.each("count"):
            self.assertGreater(answer["count"], 0, label)

    def test_each_person_has_spent_what_the_books_add_up_to(self):
        for name, (_, cap, total) in self.ran.items():
            with self.subTest(client=name):
                self.assertEqual(cap["spent_usd"], total["cost_usd"])
                self.assertGreater(cap["spent"], 0)
                self.assertEqual(self.workspace.refusals(), 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
