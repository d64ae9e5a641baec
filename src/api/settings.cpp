#include "handlers.h"
#include "purser/identity/names.h"

namespace purser::api {
namespace {

struct Settings {
  std::string name;
  CalendarSettings calendar;
  bool allow_uncapped = false;
  bool grant_own_requests = false;
  bool finance_alerts = false;
  bool early_pace_alerts = false;
  std::string admin_contact;
};

Settings read_settings(store::Sql& sql, const Id& workspace) {
  Settings settings;
  sql.each("SELECT name, zone, cycle_day, first_weekday, first_month FROM workspaces WHERE id = ?1",
           {workspace}, [&](const store::Row& row) {
             settings.name = row.text(0);
             settings.calendar.zone = row.text(1);
             settings.calendar.cycle_day = static_cast<int>(row.integer(2));
             settings.calendar.first_weekday = static_cast<int>(row.integer(3));
             settings.calendar.first_month_of_fiscal_year = static_cast<int>(row.integer(4));
           });
  sql.each("SELECT name, value FROM settings WHERE workspace = ?1", {workspace},
           [&](const store::Row& row) {
             if (row.text(0) == "allow_uncapped") settings.allow_uncapped = row.text(1) == "true";
             if (row.text(0) == "grant_own_requests")
               settings.grant_own_requests = row.text(1) == "true";
             if (row.text(0) == "finance_alerts") settings.finance_alerts = row.text(1) == "true";
             if (row.text(0) == "early_pace_alerts")
               settings.early_pace_alerts = row.text(1) == "true";
             if (row.text(0) == "admin_contact") settings.admin_contact = row.text(1);
           });
  return settings;
}

json::object settings_json(const Settings& settings) {
  return {{"name", settings.name},
          {"zone", settings.calendar.zone},
          {"cycle_day", settings.calendar.cycle_day},
          {"first_weekday", settings.calendar.first_weekday},
          {"first_month", settings.calendar.first_month_of_fiscal_year},
          {"allow_uncapped", settings.allow_uncapped},
          {"grant_own_requests", settings.grant_own_requests},
          {"finance_alerts", settings.finance_alerts},
          {"early_pace_alerts", settings.early_pace_alerts},
          {"admin_contact", text_or_null(settings.admin_contact)}};
}

void put(store::Change& change, std::string_view name, std::string_view value) {
  change.sql().run(
      "INSERT INTO settings (workspace, name, value) VALUES (?1, ?2, ?3) ON CONFLICT (workspace, "
      "name) DO UPDATE SET value = excluded.value",
      {change.workspace(), name, value});
}

void write_settings(store::Change& change, const Settings& settings) {
  const auto& calendar = settings.calendar;
  change.sql().run(
      "UPDATE workspaces SET name = ?2, zone = ?3, cycle_day = ?4, first_weekday = ?5, first_month "
      "= ?6 WHERE id = ?1",
      {change.workspace(), settings.name, calendar.zone, calendar.cycle_day, calendar.first_weekday,
       calendar.first_month_of_fiscal_year});
  put(change, "allow_uncapped", settings.allow_uncapped ? "true" : "false");
  put(change, "grant_own_requests", settings.grant_own_requests ? "true" : "false");
  put(change, "finance_alerts", settings.finance_alerts ? "true" : "false");
  put(change, "early_pace_alerts", settings.early_pace_alerts ? "true" : "false");
  put(change, "admin_contact", settings.admin_contact);
}

// What of the settings the body changes.
struct SettingsUpdate {
  std::optional<std::string> name, zone, admin_contact;
  std::optional<std::int64_t> cycle_day, first_weekday, first_month;
  std::optional<bool> allow_uncapped, grant_own_requests, finance_alerts, early_pace_alerts;

  explicit SettingsUpdate(Body& body) {
    name = body.text("name");
    zone = body.text("zone");
    cycle_day = body.integer("cycle_day", 1, 28);
    first_weekday = body.integer("first_weekday", 1, 7);
    first_month = body.integer("first_month", 1, 12);
    allow_uncapped = body.boolean("allow_uncapped");
    grant_own_requests = body.boolean("grant_own_requests");
    finance_alerts = body.boolean("finance_alerts");
    early_pace_alerts = body.boolean("early_pace_alerts");
    admin_contact =
        body.is_null("admin_contact") ? std::optional<std::string>("") : body.text("admin_contact");
  }

  Result<Settings> applied_to(Settings settings) const {
    if (name) {
      auto checked = identity::checked_name(*name, "workspace's name");
      if (!checked) return checked.error();
      settings.name = *checked;
    }
    if (admin_contact && !admin_contact->empty()) {
      auto checked = identity::checked_name(*admin_contact, "admin contact");
      if (!checked) return checked.error();
    }
    if (admin_contact) settings.admin_contact = *admin_contact;
    if (zone) settings.calendar.zone = *zone;
    if (cycle_day) settings.calendar.cycle_day = static_cast<int>(*cycle_day);
    if (first_weekday) settings.calendar.first_weekday = static_cast<int>(*first_weekday);
    if (first_month) settings.calendar.first_month_of_fiscal_year = static_cast<int>(*first_month);
    if (allow_uncapped) settings.allow_uncapped = *allow_uncapped;
    if (grant_own_requests) settings.grant_own_requests = *grant_own_requests;
    if (finance_alerts) settings.finance_alerts = *finance_alerts;
    if (early_pace_alerts) settings.early_pace_alerts = *early_pace_alerts;
    const auto calendar = Calendar::make(settings.calendar);
    if (!calendar) return calendar.error();
    return settings;
  }
};

}  // namespace

Result<Reply> get_settings(Call& call) {
  if (auto query = call.query.finish(); !query) return query.error();
  return call.read([&](store::Sql& sql) -> Result<Reply> {
    return Reply{settings_json(read_settings(sql, call.workspace()))};
  });
}

Result<Reply> update_settings(Call& call) {
  if (auto query = call.query.finish(); !query) return query.error();
  Body body(call.body);
  const SettingsUpdate update(body);
  if (auto read = body.finish(); !read) return read.error();
  json::object shown;
  auto changed = call.store().change([&](store::Change& change) -> Result<void> {
    const Settings before = read_settings(change.sql(), change.workspace());
    const auto after = update.applied_to(before);
    if (!after) return after.error();
    shown = settings_json(*after);
    const json::object from = settings_json(before);
    if (from == shown) return {};
    write_settings(change, *after);
    change.audit({call.by.actor, "settings.update", "settings", json::serialize(from),
                  json::serialize(shown), call.by.reason});
    if (!(before.calendar == after->calendar)) change.reload_settings();
    return {};
  });
  if (!changed) return changed.error();
  return Reply{std::move(shown)};
}

}  // namespace purser::api
