// One request for a page: who it is, and the REST API in their name.
#pragma once

#include <boost/json.hpp>
#include <optional>
#include <string>

#include "form.h"
#include "layout.h"
#include "purser/pages/pages.h"

namespace purser::pages {

namespace json = boost::json;

struct Visitor {
  std::string name;
  std::string email;
  std::string role;
  bool is_admin() const { return role == "admin"; }
};

struct Answer {
  int status = 0;
  json::value body;
  std::string set_cookie;
  bool ok() const { return status >= 200 && status < 300; }
  std::string message() const;  // of an error
};

class Visit {
 public:
  Visit(const Services& services, const api::ApiRequest& request);

  const api::ApiRequest& request() const { return request_; }
  const std::optional<Visitor>& visitor() const { return visitor_; }
  const json::value& me() const { return me_; }  // GET /api/v1/me; of who is signed in
  const Form& query() const { return query_; }
  const Form& form() const { return form_; }

  // With the session; what it changes has passed `may_change`.
  Answer get(const std::string& path, const std::string& query = "") const;
  Answer post(const std::string& path, const json::object& body) const;

  // Bound to the session; goes into every form, as "token".
  Html token() const;
  // Whether a form comes from a page of ours (`without_token`: one for signing in).
  bool comes_from_us() const;
  bool may_change() const;

 private:
  Answer ask(const std::string& method, const std::string& path, const std::string& query,
             const std::string& body) const;
  std::string token_text() const;

  const Services& services_;
  const api::ApiRequest& request_;
  Form query_, form_;
  std::optional<Visitor> visitor_;
  json::value me_;
};

// A member by its path, "cap.limit_usd"; empty where there is none, or null. Numbers as they are.
std::string text_at(const json::value& value, std::string_view path);
const json::value* value_at(const json::value& value, std::string_view path);
// "1234.5" → "$1,234.50"; more than two decimals are kept.
std::string dollars(std::string_view usd);
// "2026-12-01T00:00:00Z" → "2026-12-01 00:00 UTC"
std::string moment(std::string_view instant);

// A path of one of our own pages, with its query; anything else becomes "/". What a form or a link
// says where to go next is anybody's text.
std::string local_path(std::string_view text);
// The path and query of this request.
std::string own_path(const api::ApiRequest& request);

}  // namespace purser::pages
