"""Who is refused when which cap is spent or which scope is stopped, and who is not: for every kind
of scope. That status says it, that reading goes on, and that a raise or a resume ends it on the
very next request."""
import concurrent.futures
import json
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from gateway import Gateway  # noqa: E402

ASK = {"model": "sandbox/small", "max_tokens": 20,
       "messages": [{"role": "user", "content": "Hello"}]}
# A request's bound is USD 0.00004: less than 5 % of this, so that its refusal reaches the cap.
LITTLE, PLENTY = "0.001", "40"
MOST_REQUESTS = 200


class Pauses(unittest.TestCase):
    """Two people of one team, one of whom is in another team too, with a key under each."""

    @classmethod
    def setUpClass(cls):
        cls.gateway = Gateway(config='public_url = "https://purser.example.com"\n').__enter__()
        cls.addClassCleanup(cls.gateway.__exit__)
        for team in ("red", "blue"):
            cls.done("team", "add", team)
        for person, teams in (("rosa", ("red", "blue")), ("bob", ("red",))):
            email = person + "@example.com"
            cls.done("user", "add", email, "--team", teams[0], "--month", "50")
            for team in teams[1:]:
                cls.done("membership", "add", email, "--team", team)
        cls.done("project", "add", "moon", "--team", "red")
        cls.done("label", "add", "triage")
        made = cls.key("rosa@example.com", "red")
        cls.rosa, cls.rosas_key_id = made["key"], made["id"]
        cls.rosa_too = cls.key("rosa@example.com", "red")["key"]
        cls.rosa_blue = cls.key("rosa@example.com", "blue")["key"]
        cls.bob = cls.key("bob@example.com", "red")["key"]

    @classmethod
    def done(cls, *arguments, key=None):
        ran = cls.gateway.purser(*arguments, key=key)
        assert ran.returncode == 0, f"{arguments}: {ran.stdout}{ran.stderr}"
        return ran.stdout

    @classmethod
    def key(cls, email, team):
        return json.loads(cls.done("key", "create", email, "--team", team, "--json"))

    def ask(self, key, **headers):
        status, _, body = self.gateway.post(
            "/v1/chat/completions", ASK, key,
            {name.replace("_", "-"): value for name, value in headers.items()})
        return status, json.loads(body)

    def passes(self, key, **headers):
        status, body = self.ask(key, **headers)
        self.assertEqual(status, 200, body)

    def refused(self, key, **headers):
        status, body = self.ask(key, **headers)
        self.assertEqual(status, 402, body)
        return {"message": body["error"]["message"], **body["purser"]}

    def spend(self, key, **headers):
        """Asks from several sides until the cap refuses, and returns the refusal."""
        def until_refused(_):
            for _ in range(MOST_REQUESTS):
                status, body = self.ask(key, **headers)
                if status == 402:
                    return
                self.assertIn(status, (200, 429), body)  # 429: others' holds are in the way
            self.fail("the cap was never spent")
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            list(pool.map(until_refused, range(8)))
        return self.refused(key, **headers)

    def pause(self, key, kind):
        """What /me says that is spent or stopped of this kind of scope, and what status prints."""
        me = json.loads(self.done("status", "--json", key=key))
        found = [one for one in me["pauses"] if one["scope"] == kind]
        self.assertEqual(len(found), 1, me["pauses"])
        return found[0], self.done("status", key=key)


class Spent(Pauses):
    def check(self, kind, flags, refused, passing):
        """A cap of this scope: whom it refuses when it is spent, what they are told, and that a
        raise lets the very next request pass."""
        period = "--total" if kind == "task" else "--month"
        self.addCleanup(self.done, "cap", "set", *flags, period, "1000")
        self.done("cap", "set", *flags, period, LITTLE)
        first_key, first_headers = refused[0]
        refusal = self.spend(first_key, **first_headers)
        self.assertEqual(refusal["scope"], kind)
        self.assertNotEqual(refusal["name"], "")
        self.assertIn("/ask/cap_", refusal["message"])
        for key, headers in refused:
            self.assertEqual(self.refused(key, **headers)["scope"], kind)
        for key, headers in passing:
            self.passes(key, **headers)

        told, printed = self.pause(self.gateway.admin_key, kind)
        self.assertEqual((told["why"], told["limit_usd"]), ("spent", LITTLE))
        if kind == "task":
            self.assertIsNone(told["until"])
            self.assertIn("it is raised", printed)
        else:
            self.assertEqual(told["until"], refusal["resets_at"])
            self.assertIn(told["until"][:10], printed)
        # Reading goes on (I7).
        for path in ("/api/v1/me", "/api/v1/me/tasks", "/v1/models"):
            self.assertEqual(self.gateway.get(path, first_key)[0], 200, path)

        self.done("cap", "raise", *flags, period, PLENTY)
        for key, headers in refused:
            self.passes(key, **headers)
        me = json.loads(self.done("status", "--json"))
        self.assertEqual([one for one in me["pauses"] if one["scope"] == kind], [])

    def test_a_users_stops_all_keys_of_that_user(self):
        self.check("user", ("--user", "rosa@example.com"),
                   [(self.rosa, {}), (self.rosa_too, {}), (self.rosa_blue, {})],
                   [(self.bob, {})])

    def test_a_teams_stops_all_its_members_under_its_keys(self):
        self.check("team", ("--team", "red"), [(self.rosa, {}), (self.bob, {})],
                   [(self.rosa_blue, {})])

    def test_a_memberships_stops_one_user_in_one_team(self):
        self.check("membership", ("--membership", "red/rosa@example.com"),
                   [(self.rosa, {}), (self.rosa_too, {})],
                   [(self.rosa_blue, {}), (self.bob, {})])

    def test_a_projects_stops_what_is_booked_on_it(self):
        self.check("project", ("--project", "moon"),
                   [(self.rosa, {"x_purser_project": "moon"}),
                    (self.bob, {"x_purser_project": "moon"})],
                   [(self.rosa, {}), (self.bob, {})])

    def test_a_labels_stops_what_carries_it(self):
        self.check("label", ("--label", "triage"),
                   [(self.rosa, {"x_purser_label": "triage"}),
                    (self.bob, {"x_purser_label": "triage"})],
                   [(self.rosa, {}), (self.bob, {})])

    def test_a_keys_stops_that_key(self):
        self.check("key", ("--key", self.rosas_key_id), [(self.rosa, {})],
                   [(self.rosa_too, {}), (self.bob, {})])

    def test_a_tasks_stops_that_task(self):
        self.check("task", ("--task", "rosa@example.com/runaway"),
                   [(self.rosa, {"x_purser_task": "runaway"}),
                    (self.rosa_blue, {"x_purser_task": "runaway"})],
                   [(self.rosa, {"x_purser_task": "tame"}), (self.rosa, {}),
                    (self.bob, {"x_purser_task": "runaway"})])

    def test_the_workspaces_stops_everybody(self):
        self.done("cap", "set", "--workspace", "--week", "1000")
        self.check("workspace", ("--workspace",),
                   [(self.rosa, {}), (self.rosa_blue, {}), (self.bob, {})], [])

    def test_a_task_brings_its_own_budget(self):
        agent = {"x_purser_task": "agent", "x_purser_task_budget_usd": LITTLE}
        self.addCleanup(self.done, "cap", "set", "--task", "bob@example.com/agent", "--total", "9")
        refusal = self.spend(self.bob, **agent)
        self.assertEqual(refusal["scope"], "task")
        self.refused(self.bob, x_purser_task="agent", x_purser_task_budget_usd="50")
        self.passes(self.bob)
        told, _ = self.pause(self.bob, "task")
        self.assertFalse(told["own"])
        tasks = json.loads(self.done("tasks", "--json", key=self.bob))["items"]
        budget = next(one["budget"] for one in tasks if one["name"] == "agent")
        self.assertEqual(budget["limit_usd"], LITTLE)
        trail = json.loads(self.done("audit", "list", "--action", "cap.set", "--json"))["items"]
        mine = [one for one in trail if one["actor_name"] == "bob@example.com"]
        self.assertEqual(len(mine), 1)
        self.assertIn("x-purser-task-budget-usd of req_", mine[0]["reason"])


class Rules(Pauses):
    """What one request may cost, and which models it may ask for."""

    def check(self, flags, refused, passing):
        self.done("rules", "set", *flags, "--models", "sandbox/large,gpt-*")
        self.addCleanup(self.done, "rules", "set", *flags, "--any-model", "--no-max-request")
        for key in refused:
            error = self.refused(key)
            self.assertEqual(error["code"], "model_not_allowed")
            self.assertEqual(error["allowed_models"], ["sandbox/large", "gpt-*"])
            listed = json.loads(self.gateway.get("/v1/models", key)[2])["data"]
            self.assertNotIn("sandbox/small", [model["id"] for model in listed])
            me = json.loads(self.done("status", "--json", key=key))
            self.assertEqual([rule["models"] for rule in me["rules"]],
                             [["sandbox/large", "gpt-*"]])
            estimate = self.gateway.purser("estimate", "-", key=key, stdin=json.dumps(ASK))
            self.assertIn("does not allow the model", estimate.stderr)
        for key in passing:
            self.passes(key)
        self.done("rules", "set", *flags, "--any-model", "--max-request", "0.000001")
        for key in refused:
            self.assertEqual(self.refused(key)["code"], "request_too_expensive")
        for key in passing:
            self.passes(key)
        self.done("rules", "set", *flags, "--max-request", "0.01")
        for key in refused:
            self.passes(key)

    def test_of_a_user(self):
        self.check(("--user", "rosa@example.com"), [self.rosa, self.rosa_blue], [self.bob])

    def test_of_a_team(self):
        self.check(("--team", "red"), [self.rosa, self.bob], [self.rosa_blue])

    def test_of_a_key(self):
        self.check(("--key", self.rosas_key_id), [self.rosa], [self.rosa_too])

    def test_of_the_workspace(self):
        self.check(("--workspace",), [self.rosa, self.rosa_blue, self.bob], [])


class Stopped(Pauses):
    def check(self, kind, flags, refused, passing):
        self.done("stop", *flags, "--reason", "a leaked key")
        for key, headers in refused:
            error = self.refused(key, **headers)
            self.assertEqual(error["scope"], kind)
            self.assertIn("a leaked key", error["message"])
            self.assertEqual(self.gateway.get("/api/v1/me", key)[0], 200)
        for key, headers in passing:
            self.passes(key, **headers)
        told, printed = self.pause(self.gateway.admin_key, kind)
        self.assertEqual((told["why"], told["reason"]), ("stopped", "a leaked key"))
        self.assertIn("an admin resumes it", printed)
        self.done("resume", *flags, "--reason", "rotated")
        for key, headers in refused:
            self.passes(key, **headers)
        trail = json.loads(self.done("audit", "list", "--json"))["items"]
        self.assertEqual([one["reason"] for one in trail[:2]], ["rotated", "a leaked key"])

    def test_a_user(self):
        self.check("user", ("--user", "rosa@example.com"), [(self.rosa, {}), (self.rosa_blue, {})],
                   [(self.bob, {})])

    def test_a_team(self):
        self.check("team", ("--team", "red"), [(self.rosa, {}), (self.bob, {})],
                   [(self.rosa_blue, {})])

    def test_a_project(self):
        self.check("project", ("--project", "moon"), [(self.bob, {"x_purser_project": "moon"})],
                   [(self.bob, {})])

    def test_a_key(self):
        self.check("key", ("--key", self.rosas_key_id), [(self.rosa, {})], [(self.rosa_too, {})])

    def test_the_whole_workspace(self):
        self.check("workspace", ("--workspace",), [(self.rosa, {}), (self.bob, {})], [])
