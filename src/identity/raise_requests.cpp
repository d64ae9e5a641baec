#include "purser/identity/raise_requests.h"

#include <array>

#include "purser/identity/names.h"
#include "purser/store/settings.h"
#include "raise_request_rows.h"

namespace purser::identity {
namespace {

constexpr std::array<std::string_view, 5> kStates = {"open", "granted", "declined", "withdrawn",
                                                     "expired"};

Result<void> check_text(std::string_view text, std::string_view what) {
  if (text.size() <= kMaxRaiseTextBytes) return {};
  return Error{"too_long", "The " + std::string(what) + " is longer than " +
                               std::to_string(kMaxRaiseTextBytes) + " bytes: shorten it."};
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

std::int64_t count(store::Change& change, std::string_view where, const store::Param& param) {
  std::int64_t found = 0;
  change.sql().each(
      "SELECT count(*) FROM raise_requests WHERE workspace = ?1 AND " + std::string(where),
      {change.workspace(), param, change.now()},
      [&](const store::Row& row) { found = row.integer(0); });
  return found;
}

Error too_many(std::string why) { return Error{"too_many_raise_requests", std::move(why)}; }

Result<void> check_room(store::Change& change, const Id& user) {
  if (count(change, "asked_by = ?2 AND state = 0 AND expires_at > ?3", user) >=
      kMaxOpenRaiseRequests) {
    return too_many("You have " + std::to_string(kMaxOpenRaiseRequests) +
                    " open raise requests, the most there can be: withdraw one, or wait until one "
                    "is decided.");
  }
  if (count(change, "asked_by = ?2 AND asked_at > ?3 - 86400000000000", user) >=
      kMaxRaiseRequestsADay) {
    return too_many("You have made " + std::to_string(kMaxRaiseRequestsADay) +
                    " raise requests within a day, the most there can be: try again tomorrow.");
  }
  return {};
}

void end(store::Change& change, std::string_view action, const RaiseRequest& before,
         RaiseRequest after, const ChangedBy& by) {
  after.decided = change.now();
  update_raise_request(change, after);
  record_raise_request(change, action, &before, after, by);
}

void expire(store::Change& change, const RaiseRequest& request) {
  RaiseRequest after = request;
  after.state = RaiseRequestState::expired;
  end(change, "raise_request.expire", request, after, {{Id{}, "purser"}, "nobody decided in time"});
}

Result<Id> ask_again(store::Change& change, const RaiseRequest& before,
                     const std::optional<Nanos>& limit, const ChangedBy& by) {
  if (before.times >= kMaxTimesAsked) {
    return too_many("This raise was asked for " + std::to_string(before.times) +
                    " times already. It is on record; whoever decides has been told.");
  }
  RaiseRequest after = before;
  after.last_asked = change.now();
  after.expires = change.now() + kRaiseRequestLife;
  after.times = before.times + 1;
  after.limit = limit;
  after.reason = by.reason;
  update_raise_request(change, after);
  record_raise_request(change, "raise_request.ask", &before, after, by);
  return after.id;
}

// One that can still be decided.
Result<RaiseRequest> load_open(store::Change& change, const Id& id) {
  auto request = load_raise_request(change.sql(), change.workspace(), id);
  if (!request) return request;
  const auto state = request->state_at(change.now());
  if (state == RaiseRequestState::open) return request;
  const std::string how =
      state == RaiseRequestState::expired
          ? "has expired"
          : "was " + std::string(name(state)) + " on " +
                format_instant(request->decided.value_or(Instant{})).substr(0, 10);
  return Error{"raise_request_ended",
               "This raise request " + how + ", and cannot be decided again."};
}

bool may_grant_own(store::Change& change) {
  return store::is_setting_on(change.sql(), change.workspace(), "grant_own_requests");
}

// Why the cap is raised, where the one who grants it does not say: what was asked.
ChangedBy with_reason(const ChangedBy& by, std::string_view word, const RaiseRequest& request) {
  if (!by.reason.empty()) return by;
  return {by.actor, word.empty() ? request.reason : std::string(word)};
}

}  // namespace

std::string_view name(RaiseRequestState state) {
  return kStates.at(static_cast<std::size_t>(state));
}

std::optional<RaiseRequestState> parse_raise_request_state(std::string_view text) {
  for (std::size_t i = 0; i < kStates.size(); ++i) {
    if (kStates[i] == text) return static_cast<RaiseRequestState>(i);
  }
  return std::nullopt;
}

RaiseRequestState RaiseRequest::state_at(Instant now) const {
  return state == RaiseRequestState::open && expires <= now ? RaiseRequestState::expired : state;
}

Result<Id> ask_for_raise(store::Change& change, const Id& cap, const std::optional<Nanos>& limit,
                         const ChangedBy& by) {
  if (is_blank(by.reason)) {
    return Error{"missing_member", "Say in \"reason\" why: it is what those who decide will read."};
  }
  auto fits = check_text(by.reason, "reason");
  if (!fits) return fits.error();
  const auto now = load_cap_in_force(change.sql(), change.workspace(), cap, change.now());
  if (!now) return now.error();
  if (limit && *limit <= now->limit) {
    return Error{"not_possible",
                 "The limit is USD " + format_usd(now->limit) + " already: ask for a higher one."};
  }
  const Id& user = by.actor.user;
  if (const auto before = open_raise_request_of(change.sql(), change.workspace(), cap, user)) {
    if (before->state_at(change.now()) == RaiseRequestState::open)
      return ask_again(change, *before, limit, by);
    expire(change, *before);
  }
  auto room = check_room(change, user);
  if (!room) return room.error();
  RaiseRequest made;
  made.id = change.new_id();
  made.cap = cap;
  made.scope = now->spec.scope;
  made.period = now->spec.period;
  made.enforcement = now->spec.enforcement;
  made.asked_by = user;
  made.asked = made.last_asked = change.now();
  made.limit = limit;
  made.reason = by.reason;
  made.expires = change.now() + kRaiseRequestLife;
  insert_raise_request(change, made);
  record_raise_request(change, "raise_request.ask", nullptr, made, by);
  return made.id;
}

Result<void> grant_raise_request(store::Change& change, const Id& id, const RaiseTo& to,
                                 std::string_view word, const ChangedBy& by) {
  auto fits = check_text(word, "word");
  if (!fits) return fits;
  const auto before = load_open(change, id);
  if (!before) return before.error();
  if (before->asked_by == by.actor.user && !may_grant_own(change)) {
    return Error{"own_request",
                 "Nobody grants their own request: another admin decides it. Where there is only "
                 "one, the setting grant_own_requests allows it."};
  }
  const ChangedBy why = with_reason(by, word, *before);
  const auto limit = raise_cap(change, before->cap, to, why);
  if (!limit && limit.error().code == "unknown_cap") {
    return Error{"not_possible",
                 "The cap that this request is about has ended: decline the request, or set a "
                 "new cap."};
  }
  if (!limit) return limit.error();
  RaiseRequest after = *before;
  after.state = RaiseRequestState::granted;
  after.decided_by = by.actor.user;
  after.word = word;
  after.granted_limit = *limit;
  after.granted_until = to.until;
  end(change, "raise_request.grant", *before, after, why);
  return {};
}

Result<void> decline_raise_request(store::Change& change, const Id& id, std::string_view word,
                                   const ChangedBy& by) {
  if (is_blank(word))
    return Error{"missing_member", "Say in \"word\" why not: the asker reads it."};
  auto fits = check_text(word, "word");
  if (!fits) return fits;
  const auto before = load_open(change, id);
  if (!before) return before.error();
  RaiseRequest after = *before;
  after.state = RaiseRequestState::declined;
  after.decided_by = by.actor.user;
  after.word = word;
  end(change, "raise_request.decline", *before, after, with_reason(by, word, *before));
  return {};
}

Result<void> withdraw_raise_request(store::Change& change, const Id& id, const ChangedBy& by) {
  const auto request = load_raise_request(change.sql(), change.workspace(), id);
  if (!request) return request.error();
  if (request->asked_by != by.actor.user) {
    return Error{"unknown_raise_request",
                 "You have no raise request with the id " + to_text(kRaiseRequestPrefix, id) + "."};
  }
  const auto before = load_open(change, id);
  if (!before) return before.error();
  RaiseRequest after = *before;
  after.state = RaiseRequestState::withdrawn;
  after.decided_by = by.actor.user;
  end(change, "raise_request.withdraw", *before, after, by);
  return {};
}

Result<std::size_t> expire_raise_requests(store::Store& store, Instant now) {
  bool is_due = false;
  store.read([&](store::Sql& sql) {
    is_due = !expired_raise_requests(sql, store.workspace(), now).empty();
  });
  if (!is_due) return std::size_t{0};
  std::size_t expired = 0;
  auto changed = store.change([&](store::Change& change) -> Result<void> {
    expired = 0;
    for (const auto& request : expired_raise_requests(change.sql(), change.workspace(), now)) {
      expire(change, request);
      ++expired;
    }
    return {};
  });
  if (!changed) return changed.error();
  return expired;
}

}  // namespace purser::identity
