"""What a request costs, worked out a second time: from the stub's own record of the tokens it billed
and data/prices.json, with fractions, and without a line of Purser's code."""

from __future__ import annotations

import fractions
import json
import math
import pathlib
from typing import Any

PRICES = pathlib.Path(__file__).resolve().parents[2] / "data" / "prices.json"
CLASSES = ("input", "cached_input", "cache_write_5m", "cache_write_1h", "output")


class IndependentBooks:
    def __init__(self, file: pathlib.Path = PRICES):
        self.models = {}
        for model in json.loads(file.read_text())["models"]:
            provider, _, name = model["id"].partition("/")
            for each in {name, *model.get("names", [])}:
                self.models[provider, each] = model

    def rates(
        self, provider: str, model: str, input_tokens: int, service_tier: str = "default"
    ) -> dict[str, int]:
        period = self.models[provider, model]["periods"][-1]
        if service_tier != "default":
            return period["service_tiers"][service_tier]
        rates = period["rates"]
        for tier in period.get("long_context", []):
            if input_tokens > tier["input_tokens_over"]:
                rates = tier["rates"]
        return rates

    def cost(
        self, format: str, model: str, billed: dict[str, int], service_tier: str = "default"
    ) -> int:
        """Nanos, rounded up once."""
        provider = "anthropic" if format == "messages" else "openai"
        read = sum(billed[name] for name in CLASSES if name != "output")
        rates = self.rates(provider, model, read, service_tier)
        sum_usd = fractions.Fraction(0)
        for name in CLASSES:
            if billed[name] == 0:
                continue
            rate = rates.get(name, rates["input"] if name == "cached_input" else None)
            assert rate is not None, f"{model} has no rate for {name}"
            sum_usd += billed[name] * fractions.Fraction(rate, 10**12)
        return math.ceil(sum_usd * 10**9)

    def cost_of(self, record: dict[str, Any]) -> int:
        if record["billed"] is None:
            return 0
        tier = record.get("tier", "default")
        return self.cost(record["format"], record["model"], record["billed"], tier)
