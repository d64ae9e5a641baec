"""What Slack, Microsoft Teams and PagerDuty document that they refuse, as strict checks: each takes
the bytes of a request's body and raises AssertionError with what is wrong.

Sources, read 2026-11-25: docs.slack.dev/reference/block-kit; adaptivecards.io, schema 1.4.0, and
Teams' limit of 28 KB; developer.pagerduty.com/docs/send-alert-event.
"""
import datetime
import json
import re

import jsonschema


def units(text):
    """Characters as JavaScript counts them."""
    return len(text.encode("utf-16-le")) // 2


def check(condition, what):
    if not condition:
        raise AssertionError(what)


def strict_json(body):
    def no_equal_keys(pairs):
        keys = [key for key, _ in pairs]
        check(len(keys) == len(set(keys)), f"equal keys: {keys}")
        return dict(pairs)
    return json.loads(body.decode("utf-8"), object_pairs_hook=no_equal_keys)


def only(value, required, optional=()):
    check(set(required) <= set(value), f"missing in {value}")
    check(set(value) <= set(required) | set(optional), f"unknown in {value}")


# Slack ------------------------------------------------------------------------------------------

ENTITY = re.compile(r"&(?:amp|lt|gt);")


def slack_text(value, most, kinds):
    check(value["type"] in kinds, value)
    if value["type"] == "plain_text":
        only(value, ("type", "text"), ("emoji",))
    else:
        only(value, ("type", "text"), ("verbatim",))
        check_mrkdwn(value["text"])
    check(1 <= units(value["text"]) <= most, f"{units(value['text'])} of {most}: {value}")


def check_mrkdwn(text):
    """No link, mention or half escape: a lone & is one that was cut or never escaped."""
    check("<" not in text and ">" not in text, text)
    check("&" not in ENTITY.sub("", text), text)


def slack(body):
    whole = strict_json(body)
    only(whole, ("text", "blocks"))
    check(1 <= units(whole["text"]) <= 40000, "text")
    check_mrkdwn(whole["text"])
    check(1 <= len(whole["blocks"]) <= 50, "blocks")
    action_ids = []
    for block in whole["blocks"]:
        SLACK_BLOCKS[block["type"]](block, action_ids)
    check(len(action_ids) == len(set(action_ids)), "action_id")
    return whole


def slack_header(block, _):
    only(block, ("type", "text"))
    slack_text(block["text"], 150, ("plain_text",))


def slack_section(block, _):
    check(("text" in block) != ("fields" in block), "a section of ours has text or fields")
    only(block, ("type",), ("text", "fields"))
    if "text" in block:
        slack_text(block["text"], 3000, ("mrkdwn", "plain_text"))
        return
    check(1 <= len(block["fields"]) <= 10, "fields")
    for field in block["fields"]:
        slack_text(field, 2000, ("mrkdwn", "plain_text"))


def slack_actions(block, action_ids):
    only(block, ("type", "elements"))
    check(1 <= len(block["elements"]) <= 25, "elements")
    for button in block["elements"]:
        only(button, ("type", "text", "url", "action_id"), ("style",))
        check(button["type"] == "button", button)
        slack_text(button["text"], 75, ("plain_text",))
        check(button["url"].startswith(("https://", "http://")), button)
        check(len(button["url"]) <= 3000 and len(button["action_id"]) <= 255, button)
        check(button.get("style", "primary") in ("primary", "danger"), button)
        action_ids.append(button["action_id"])
    check(sum("style" in button for button in block["elements"]) <= 1, "primary is for one")


def slack_context(block, _):
    only(block, ("type", "elements"))
    check(1 <= len(block["elements"]) <= 10, "elements")
    for element in block["elements"]:
        slack_text(element, 2000, ("mrkdwn", "plain_text"))


SLACK_BLOCKS = {"header": slack_header, "section": slack_section, "actions": slack_actions,
                "context": slack_context}

# Teams ------------------------------------------------------------------------------------------


def closed(properties, required):
    return {"type": "object", "properties": properties, "required": required,
            "additionalProperties": False}


# The elements that are sent, as the schema of Adaptive Cards 1.4 has them.
CARD = closed({
    "$schema": {"const": "http://adaptivecards.io/schemas/adaptive-card.json"},
    "type": {"const": "AdaptiveCard"},
    "version": {"const": "1.4"},
    "body": {"type": "array", "minItems": 1, "items": {"oneOf": [
        closed({"type": {"const": "TextBlock"}, "text": {"type": "string", "minLength": 1},
                "color": {"enum": ["Default", "Dark", "Light", "Accent", "Good", "Warning",
                                   "Attention"]},
                "size": {"enum": ["Default", "Small", "Medium", "Large", "ExtraLarge"]},
                "weight": {"enum": ["Default", "Lighter", "Bolder"]},
                "isSubtle": {"type": "boolean"}, "separator": {"type": "boolean"},
                "wrap": {"type": "boolean"}}, ["type", "text"]),
        closed({"type": {"const": "FactSet"},
                "facts": {"type": "array", "minItems": 1, "items": closed(
                    {"title": {"type": "string"}, "value": {"type": "string"}},
                    ["title", "value"])}}, ["type", "facts"])]}},
    "actions": {"type": "array", "minItems": 1, "maxItems": 6, "items": closed(
        {"type": {"const": "Action.OpenUrl"}, "title": {"type": "string", "minLength": 1},
         "url": {"type": "string", "pattern": "^https?://"},
         "style": {"enum": ["default", "positive", "destructive"]}}, ["type", "title", "url"])},
}, ["$schema", "type", "version", "body"])

ENVELOPE = closed({
    "type": {"const": "message"},
    "attachments": {"type": "array", "minItems": 1, "maxItems": 1, "items": closed({
        "contentType": {"const": "application/vnd.microsoft.card.adaptive"},
        "contentUrl": {"type": "null"}, "content": CARD}, ["contentType", "content"])},
}, ["type", "attachments"])


def teams(body):
    check(len(body) <= 28 * 1024, f"{len(body)} bytes")
    whole = strict_json(body)
    jsonschema.validate(whole, ENVELOPE)
    card = whole["attachments"][0]["content"]
    texts = [block["text"] for block in card["body"] if block["type"] == "TextBlock"]
    for block in card["body"]:
        for fact in block.get("facts", ()):
            texts += [fact["title"], fact["value"]]
    for text in texts:
        check(re.search(r"(?<!\\)(?:\\\\)*[\[\]*_`]", text) is None, f"Markdown: {text}")
    return card


# PagerDuty --------------------------------------------------------------------------------------

ROUTING_KEY = "R0123456789ABCDEFR0123456789ABCD"


def pagerduty(body):
    check(len(body) <= 512 * 1024, "512 KB")
    event = strict_json(body)
    check(re.fullmatch(r"[0-9A-Za-z]{32}", event["routing_key"]), "routing_key")
    check(1 <= len(event["dedup_key"]) <= 255, "dedup_key")
    if event["event_action"] == "resolve":
        only(event, ("routing_key", "event_action", "dedup_key"))
        return event
    check(event["event_action"] == "trigger", "event_action")
    only(event, ("routing_key", "event_action", "dedup_key", "payload"), ("links", "client"))
    payload = event["payload"]
    only(payload, ("summary", "source", "severity"), ("timestamp", "class", "custom_details"))
    check(1 <= units(payload["summary"]) <= 1024, "summary")
    check(payload["source"], "source")
    check(payload["severity"] in ("critical", "error", "warning", "info"), "severity")
    datetime.datetime.fromisoformat(re.sub(r"\.(\d{6})\d*Z$", r".\1+00:00", payload["timestamp"]))
    check(isinstance(payload.get("custom_details", {}), dict), "custom_details")
    for link in event.get("links", ()):
        only(link, ("href",), ("text",))
    return event
