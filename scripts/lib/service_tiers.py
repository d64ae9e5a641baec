"""Rates of OpenAI's other service tiers, for scripts/update-prices: data/service_tiers.json, filled from
LiteLLM's price file where it has no line of a model. A request for a tier is refused, but an answer may
say that it had one, and is then billed at it."""

from decimal import ROUND_CEILING, Decimal

TIERS = ("flex", "priority")
RATES = {
    "input": "input_cost_per_token",
    "cached_input": "cache_read_input_token_cost",
    "output": "output_cost_per_token",
}
# Billed alike in every tier.
SAME_FEES = ("web_search", "request")


def _pico(usd):
    return int((Decimal(str(usd)) * 10**12).to_integral_value(rounding=ROUND_CEILING))


def find_service_tiers(model, entry, source, kept, today):
    """The tiers of a model's newest period, or {}. `entry`: LiteLLM's; `kept`: the file's lines, which
    are never changed, only added to."""
    known = kept.get(model["id"])
    if known is None:
        found = {}
        for tier in TIERS:
            rates = {ours: _pico(entry[f"{theirs}_{tier}"])
                     for ours, theirs in RATES.items() if entry.get(f"{theirs}_{tier}")}
            if "input" in rates and "output" in rates:
                found[tier] = rates
        if not found or not model["id"].startswith("openai/"):
            return {}
        known = kept[model["id"]] = {**found, "source": source, "date": today}
    fees = {name: rate for name, rate in model["periods"][-1]["rates"].items() if name in SAME_FEES}
    return {tier: {**known[tier], **fees} for tier in TIERS if tier in known}
