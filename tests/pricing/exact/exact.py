"""Prices random usages of every model in data/prices.json with fractions, from the file alone, and
expects the same nanos of the C++ code: exact.py PRICE_LINES PRICES.json SEED."""
import json
import math
import random
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from fractions import Fraction

USAGES_PER_MODEL = 200
INPUT = ("input", "cached_input", "cache_write_5m", "cache_write_1h", "input_audio",
         "cached_input_audio")
CLASSES = INPUT + ("output", "output_audio")
SAME_AS_UNCACHED = {"cached_input": "input", "cached_input_audio": "input_audio"}


def period_at(model, at):
    chosen = model["periods"][0]
    clock = at.strftime("%H:%M:%S.%f")
    for period in model["periods"][1:]:
        if at.date().isoformat() < period.get("from", ""):
            continue
        daily = period.get("daily")
        if daily:
            after, before = clock >= daily["start"], clock < daily["end"]
            if not (after and before if daily["start"] < daily["end"] else after or before):
                continue
        chosen = period
    return chosen


def expected(model, at, usage):
    period = period_at(model, at)
    rates = period["rates"]
    read = sum(usage.get(c, 0) for c in INPUT)
    for tier in period.get("long_context", []):
        if read > tier["input_tokens_over"]:
            rates = tier["rates"]
    named = usage.get("service_tier", "")
    if named not in ("", "default", "standard"):
        # Nobody says what another tier costs above a long-context threshold.
        if named not in period.get("service_tiers", {}) or rates is not period["rates"]:
            return "unpriced_usage"
        rates = period["service_tiers"][named]
    usd = Fraction(rates.get("request", 0), 10**12)
    for name, count in usage.items():
        if name != "service_tier" and count:
            rate = rates.get(name, rates.get(SAME_AS_UNCACHED.get(name)))
            if rate is None:
                return "unpriced_usage"
            usd += Fraction(rate, 10**12) * count
    return f"{math.ceil(usd * 10**9)} {model['id']}"


def random_at(rng, model):
    """An instant, often at the edge of one of the model's periods."""
    at = datetime(2024, 1, 1, tzinfo=timezone.utc) + timedelta(
        milliseconds=rng.randrange(4 * 365 * 86_400_000))
    period = rng.choice(model["periods"])
    if "from" in period and rng.random() < 0.5:
        day = datetime.fromisoformat(period["from"]).replace(tzinfo=timezone.utc)
        return day + timedelta(milliseconds=rng.choice([-1, 0, 1]))
    if "daily" in period and rng.random() < 0.5:
        edge = datetime.strptime(rng.choice(list(period["daily"].values())), "%H:%M:%S")
        return at.replace(hour=edge.hour, minute=edge.minute, second=edge.second, microsecond=0
                          ) + timedelta(milliseconds=rng.choice([-1, 0, 1]))
    return at


def random_usage(rng, model):
    period = rng.choice(model["periods"])
    usage = {}
    for name in CLASSES:
        if rng.random() < (0.7 if name in period["rates"] or name == "cached_input" else 0.01):
            usage[name] = rng.choice([rng.randrange(10), rng.randrange(10**4), rng.randrange(10**6)])
    if "web_search" in period["rates"] and rng.random() < 0.3:
        usage["web_search"] = rng.randrange(10)
    tiers = period.get("long_context", [])
    if tiers and rng.random() < 0.4:  # right at the threshold
        usage = {name: count for name, count in usage.items() if name not in INPUT}
        edge = rng.choice(tiers)["input_tokens_over"] + rng.choice([-1, 0, 1])
        usage["cached_input"] = rng.randrange(edge)
        usage["input"] = edge - usage["cached_input"]
    if rng.random() < (0.5 if "service_tiers" in period else 0.1):
        usage["service_tier"] = rng.choice(["", "default", "standard", "priority", "flex"])
    return usage


def main():
    program, book_file, seed = sys.argv[1:]
    with open(book_file, encoding="ascii") as file:
        models = json.load(file)["models"]
    rng = random.Random(int(seed))
    questions, answers = [], []
    for model in models:
        provider, own = model["id"].split("/", 1)
        for _ in range(USAGES_PER_MODEL):
            at, usage = random_at(rng, model), random_usage(rng, model)
            name = rng.choice([own] + model.get("names", []))
            questions.append(json.dumps({
                "provider": provider, "model": name, "usage": usage,
                "at_ms": round((at - datetime(1970, 1, 1, tzinfo=timezone.utc)) /
                               timedelta(milliseconds=1))}))
            answers.append(expected(model, at, usage))
    done = subprocess.run([program, book_file], input="\n".join(questions) + "\n", text=True,
                          stdout=subprocess.PIPE, check=True)
    got = done.stdout.splitlines()
    if len(got) != len(questions):
        sys.exit(f"{len(questions)} questions, but {len(got)} answers")
    wrong = [(q, a, g) for q, a, g in zip(questions, answers, got) if a != g]
    for question, answer, given in wrong[:10]:
        print(f"{question}\n  fractions say {answer}, Purser says {given}")
    unpriced = sum(a == "unpriced_usage" for a in answers)
    print(f"exact: {len(models)} models, {len(questions)} usages ({unpriced} unpriced), "
          f"{len(wrong)} differ, seed {seed}")
    if not models or wrong or unpriced > len(answers) // 2:
        sys.exit(1)


main()
