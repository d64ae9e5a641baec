#include "purser/pages/pages.h"

#include <sodium.h>

#include "each_page.h"

namespace purser::pages {
namespace {

enum class Kind { start, sign_in, secret, sign_out, raise, ask, none };

struct Place {
  Kind kind = Kind::none;
  std::string cap;
};

constexpr std::size_t kMaxCapBytes = 64;

// Of "/raise/cap_…"; empty where more or less stands there.
std::string cap_behind(std::string_view path, std::string_view front) {
  const std::string_view cap = path.substr(front.size());
  return cap.size() <= kMaxCapBytes && cap.find_first_of("/%") == std::string_view::npos
             ? std::string(cap)
             : std::string();
}

Place place_of(std::string_view path) {
  if (path == "/") return {Kind::start, {}};
  if (path == "/sign-in") return {Kind::sign_in, {}};
  if (path == "/sign-in/secret") return {Kind::secret, {}};
  if (path == "/sign-out") return {Kind::sign_out, {}};
  if (path == "/ask") return {Kind::ask, {}};
  for (const auto& [front, kind] : {std::pair{"/raise/", Kind::raise}, {"/ask/", Kind::ask}}) {
    if (!path.starts_with(front)) continue;
    std::string cap = cap_behind(path, front);
    if (!cap.empty()) return {kind, std::move(cap)};
  }
  return {};
}

Page page_of(const Visit& visit, const Place& place) {
  const bool is_post = visit.request().method == "POST";
  if (place.kind == Kind::start) return start_page(visit);
  if (is_post && !visit.may_change()) return foreign_form_page(visit.request().path);
  if (place.kind == Kind::raise)
    return is_post ? raise(visit, place.cap) : raise_page(visit, place.cap, "", 200);
  return is_post ? ask(visit, place.cap) : ask_page(visit, place.cap, "", 200);
}

api::ApiResponse wrong_method(std::string_view allowed) {
  api::ApiResponse response =
      to_response({"Not here", problem("This page is not asked for in that way."), 405});
  response.fields.emplace_back("Allow", allowed);
  return response;
}

api::ApiResponse answer(const Visit& visit, const Place& place) {
  const std::string& method = visit.request().method;
  const bool is_post = method == "POST";
  if (!is_post && method != "GET" && method != "HEAD") return wrong_method("GET, HEAD, POST");
  if (place.kind == Kind::sign_out) return is_post ? sign_out(visit) : wrong_method("POST");
  if (place.kind == Kind::start && is_post) return wrong_method("GET, HEAD");
  const std::string next = local_path(visit.query().text("next"));
  if (place.kind == Kind::secret)
    return is_post ? set_password(visit) : to_response(secret_page(next, "", "", 200));
  if (place.kind == Kind::sign_in) {
    if (is_post) return sign_in(visit);
    return visit.visitor() ? see_other(next) : to_response(sign_in_page(next, "", 200));
  }
  if (!visit.visitor()) {
    const std::string expired =
        is_post ? "You are signed in no longer; nothing was changed. Sign in, and try again." : "";
    return to_response(sign_in_page(own_path(visit.request()), expired, is_post ? 403 : 200));
  }
  return to_response(page_of(visit, place));
}

}  // namespace

struct Pages::State {
  Services services;
};

Pages::Pages(Services services) : state_(std::make_unique<State>()) {
  PURSER_ASSERT(services.api && services.keys);
  PURSER_ASSERT(sodium_init() >= 0);
  state_->services = std::move(services);
}

Pages::~Pages() = default;

bool Pages::serves(std::string_view path) { return place_of(path).kind != Kind::none; }

std::size_t Pages::body_limit(std::string_view method, std::string_view path) {
  return method == "POST" && serves(path) ? kMaxFormBytes : 0;
}

api::ApiResponse Pages::handle(const api::ApiRequest& request) const {
  const Visit visit(state_->services, request);
  return answer(visit, place_of(request.path));
}

}  // namespace purser::pages
