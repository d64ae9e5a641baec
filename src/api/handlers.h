// Every handler of the route table (route.cpp), by the file that holds it.
#pragma once

#include "call.h"

namespace purser::api {

// sign_in.cpp
Result<Reply> sign_in(Call& call);
Result<Reply> sign_out(Call& call);
Result<Reply> change_password(Call& call);
Result<Reply> make_sign_in_secret(Call& call);
// me.cpp
Result<Reply> get_me(Call& call);
Result<Reply> list_my_tasks(Call& call);
// users.cpp
Result<Reply> list_users(Call& call);
Result<Reply> create_user(Call& call);
Result<Reply> get_user(Call& call);
Result<Reply> update_user(Call& call);
Result<Reply> deactivate_user(Call& call);
Result<Reply> reactivate_user(Call& call);
Result<Reply> give_template(Call& call);
// teams.cpp
Result<Reply> list_teams(Call& call);
Result<Reply> create_team(Call& call);
Result<Reply> get_team(Call& call);
Result<Reply> update_team(Call& call);
Result<Reply> end_team(Call& call);
// memberships.cpp
Result<Reply> list_memberships(Call& call);
Result<Reply> create_membership(Call& call);
Result<Reply> update_membership(Call& call);
Result<Reply> end_membership(Call& call);
// projects.cpp
Result<Reply> list_projects(Call& call);
Result<Reply> create_project(Call& call);
Result<Reply> get_project(Call& call);
Result<Reply> update_project(Call& call);
Result<Reply> end_project(Call& call);
// labels.cpp
Result<Reply> list_labels(Call& call);
Result<Reply> create_label(Call& call);
Result<Reply> get_label(Call& call);
Result<Reply> update_label(Call& call);
Result<Reply> end_label(Call& call);
// keys.cpp
Result<Reply> list_keys(Call& call);
Result<Reply> create_key(Call& call);
Result<Reply> get_key(Call& call);
Result<Reply> update_key(Call& call);
Result<Reply> revoke_key(Call& call);
// templates.cpp
Result<Reply> list_templates(Call& call);
Result<Reply> create_template(Call& call);
Result<Reply> get_template(Call& call);
Result<Reply> update_template(Call& call);
Result<Reply> end_template(Call& call);
// caps.cpp
Result<Reply> list_caps(Call& call);
Result<Reply> get_cap(Call& call);
// cap_case.cpp
Result<Reply> get_cap_case(Call& call);
// cap_changes.cpp
Result<Reply> set_cap(Call& call);
Result<Reply> end_cap(Call& call);
Result<Reply> raise_cap(Call& call);
Result<Reply> end_raise(Call& call);
Result<Reply> reallocate(Call& call);
// raise_requests.cpp
Result<Reply> ask_for_raise(Call& call);
Result<Reply> list_raise_requests(Call& call);
Result<Reply> get_raise_request(Call& call);
Result<Reply> grant_raise_request(Call& call);
Result<Reply> decline_raise_request(Call& call);
Result<Reply> withdraw_raise_request(Call& call);
// stops.cpp
Result<Reply> list_stops(Call& call);
Result<Reply> stop_scope(Call& call);
Result<Reply> resume_scope(Call& call);
// request_rules.cpp
Result<Reply> list_request_rules(Call& call);
Result<Reply> set_request_rule(Call& call);
// usage.cpp
Result<Reply> get_usage(Call& call);
// explain.cpp
Result<Reply> get_request(Call& call);
// corrections.cpp
Result<Reply> correct_request(Call& call);
// exposure.cpp
Result<Reply> get_exposure(Call& call);
// estimate.cpp
Result<Reply> post_estimate(Call& call);
// alerts.cpp
Result<Reply> list_alerts(Call& call);
Result<Reply> retry_alerts(Call& call);
Result<Reply> test_alerts(Call& call);
// inbox.cpp
Result<Reply> list_inbox(Call& call);
Result<Reply> get_inbox_message(Call& call);
Result<Reply> read_inbox(Call& call);
// thresholds.cpp
Result<Reply> list_thresholds(Call& call);
Result<Reply> set_thresholds(Call& call);
// audit.cpp
Result<Reply> list_audit(Call& call);
Result<Reply> export_audit(Call& call);
Result<Reply> get_audit_head(Call& call);
// prices.cpp
Result<Reply> list_prices(Call& call);
Result<Reply> set_price(Call& call);
Result<Reply> end_price(Call& call);
// overspends.cpp
Result<Reply> list_overspends(Call& call);
Result<Reply> clear_overspend(Call& call);
// settings.cpp
Result<Reply> get_settings(Call& call);
Result<Reply> update_settings(Call& call);
// clock.cpp
Result<Reply> get_clock(Call& call);
Result<Reply> accept_clock(Call& call);
// import.cpp
Result<Reply> import_people(Call& call);

}  // namespace purser::api
