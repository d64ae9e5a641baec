"""Claude Code and Codex CLI against the sandbox: a turn with a tool call, metered to the nano; a
pause in our words after one call; and after a raise the same session goes on. Each runs in a home of
its own, and is told to reach nothing but the gateway."""
import contextlib
import json
import math
import pathlib
import shutil
import sqlite3
import subprocess
import tempfile
import unittest
import urllib.request
from fractions import Fraction

from workspace import HERE, NODE, Workspace, nanos

TURN_SECONDS = 90
BIN = HERE.parent / "node_modules/.bin"
TOKENS = {"input": "input_tokens", "cached_input": "cached_input_tokens",
          "cache_write_5m": "cache_write_5m_tokens", "cache_write_1h": "cache_write_1h_tokens",
          "output": "output_tokens"}
# The shell has to add this up, so that the answer is in no prompt.
ASK, ANSWER = "run `echo purser-$((40+2))`", "purser-42"


class Agent:
    def __init__(self, base_url, key):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="purser-agent-"))
        self.project = self.home / "project"
        self.project.mkdir()
        # Whatever else they would call (telemetry, updates) meets a closed port.
        self.environment = {
            "HOME": str(self.home), "PATH": f"{pathlib.Path(NODE).parent}:{BIN}:/usr/bin:/bin",
            "HTTPS_PROXY": "http://127.0.0.1:9", "NO_PROXY": "127.0.0.1",
            **self.settings(base_url, key)}

    def remove(self):
        shutil.rmtree(self.home, ignore_errors=True)

    def execute(self, *command):
        done = subprocess.run(command, cwd=self.project, env=self.environment, text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=TURN_SECONDS)
        return done.stdout


class ClaudeCode(Agent):
    name, format, model = "claude", "anthropic_messages", "anthropic/claude-sonnet-4-5"
    price = model

    def settings(self, base_url, key):
        return {"ANTHROPIC_BASE_URL": base_url, "ANTHROPIC_API_KEY": key, "DISABLE_TELEMETRY": "1",
                "DISABLE_AUTOUPDATER": "1", "DISABLE_ERROR_REPORTING": "1",
                "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1"}

    def turn(self, prompt, go_on=False):
        """What the turn said, whether it failed, its session, and the tokens that it counted."""
        output = self.execute(
            "claude", *(["--continue"] if go_on else []), "-p", prompt, "--model",
            "claude-sonnet-4-5", "--allowedTools", "Bash", "--output-format", "json")
        result = json.loads(output)
        used = result["usage"]
        return {
            "text": result["result"], "failed": result["is_error"],
            "session": result["session_id"],
            "tokens": {"input": used["input_tokens"],
                       "cached_input": used["cache_read_input_tokens"],
                       "cache_write_5m": used["cache_creation"]["ephemeral_5m_input_tokens"],
                       "cache_write_1h": used["cache_creation"]["ephemeral_1h_input_tokens"],
                       "output": used["output_tokens"]}}


class Codex(Agent):
    name, format, model = "codex", "openai_responses", "openai/gpt-5-codex"
    price = "openai/gpt-5"

    def settings(self, base_url, key):
        home = self.home / ".codex"
        home.mkdir()
        (home / "config.toml").write_text(
            'model = "gpt-5-codex"\nmodel_provider = "purser"\ncheck_for_update_on_startup = false\n'
            '[analytics]\nenabled = false\n'
            '[model_providers.purser]\nname = "Purser"\nenv_key = "PURSER_KEY"\n'
            f'wire_api = "responses"\nbase_url = "{base_url}/v1"\n')
        self.counted = dict.fromkeys(TOKENS, 0)
        return {"CODEX_HOME": str(home), "PURSER_KEY": key}

    def turn(self, prompt, go_on=False):
        output = self.execute(
            "codex", "exec", *(["resume", "--last"] if go_on else []), "--json",
            "--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox", prompt)
        events = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
        of = {event["type"]: event for event in events}
        said = [event["item"]["text"] for event in events if event["type"] == "item.completed"
                and event["item"]["type"] == "agent_message"]
        failed = "turn.failed" in of
        text = of["turn.failed"]["error"]["message"] if failed else "\n".join(said)
        tokens = dict.fromkeys(TOKENS, 0)
        if not failed:  # it counts the session's tokens
            used = of["turn.completed"]["usage"]
            cached = used["cached_input_tokens"]
            total = {**tokens, "input": used["input_tokens"] - cached, "cached_input": cached,
                     "output": used["output_tokens"]}
            tokens = {part: total[part] - self.counted[part] for part in total}
            self.counted = total
        return {"text": text, "failed": failed, "tokens": tokens,
                "session": of["thread.started"]["thread_id"]}


class Agents(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.workspace = cls.enterClassContext(Workspace())

    def begin(self, program):
        key = self.workspace.add_person(program.name)
        agent = program(self.workspace.base_url, key)
        self.addCleanup(agent.remove)
        return key, agent

    def sent(self, agent):
        return self.workspace.metric("purser_requests_total", format=agent.format)

    def check_meter(self, agent, key, tokens, requests):
        """Cap, rows and what the sandbox said agree to the nano."""
        cap = self.workspace.settled_cap(key)
        usage = self.workspace.usage(agent.name)
        self.assertEqual([group["model"] for group in usage["groups"]], [agent.model])
        total = usage["total"]
        self.assertEqual(total["requests"], requests)
        self.assertEqual({part: total[name] for part, name in TOKENS.items()}, tokens)
        self.assertEqual(cap["spent"], nanos(total["cost_usd"]))
        self.assertEqual(cap["spent"], self.cost_nanos(agent))
        return cap

    def cost_nanos(self, agent):
        """What the price book asks for the rows' tokens, reckoned here: exact, and each request
        rounded up to a nano."""
        prices = self.workspace.api("GET", "/api/v1/prices?search=" + agent.price)["items"]
        rates = next(price for price in prices if price["id"] == agent.price)["rates"]
        per_token = {part: Fraction(rates.get(part + "_usd_per_million", "0")) * 1000
                     for part in TOKENS}  # in nanos
        file = pathlib.Path(self.workspace.data_dir, "ledger.db")
        with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as books:
            rows = books.execute(
                f"SELECT cost_nanos, {', '.join(TOKENS.values())} FROM usages WHERE model = ?",
                [agent.model]).fetchall()
        for cost, *tokens in rows:
            exact = sum(count * per_token[part] for count, part in zip(tokens, TOKENS))
            self.assertEqual(cost, math.ceil(exact))
        return sum(row[0] for row in rows)

    def check_life(self, program):
        key, agent = self.begin(program)
        first = agent.turn(ASK)
        self.assertFalse(first["failed"], first)
        self.assertIn(ANSWER, first["text"])
        cap = self.check_meter(agent, key, first["tokens"], requests=2)

        self.workspace.set_cap(agent.name, "0.01")
        self.assertGreater(cap["spent"], nanos("0.01"))
        before, refused = self.sent(agent), self.workspace.refusals(format=agent.format)
        paused = agent.turn(ASK, go_on=True)
        self.assertTrue(paused["failed"], paused)
        self.assertIn("of the USD 0.01 month cap", paused["text"])
        self.assertRegex(paused["text"], r"resets on \w{3} 1, \d{4}")
        self.assertEqual(self.workspace.refusals(format=agent.format) - refused, 1)
        self.assertEqual(self.sent(agent), before)

        self.workspace.set_cap(agent.name, "100")
        after = agent.turn(ASK, go_on=True)
        self.assertFalse(after["failed"], after)
        self.assertIn(ANSWER, after["text"])
        self.assertEqual(after["session"], first["session"])
        both = {part: first["tokens"][part] + after["tokens"][part] for part in TOKENS}
        self.check_meter(agent, key, both, requests=4)

    def test_the_root_answers_without_a_key(self):
        for method in ("HEAD", "GET"):  # what Claude Code and uptime checks begin with
            request = urllib.request.Request(self.workspace.base_url + "/", method=method)
            with urllib.request.urlopen(request, timeout=60) as answer:
                self.assertEqual(answer.status, 200)

    def test_claude_code(self):
        self.check_life(ClaudeCode)

    def test_codex_cli(self):
        self.check_life(Codex)


if __name__ == "__main__":
    unittest.main(verbosity=2)
