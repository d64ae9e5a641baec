// The pages over the REST API's test workspace, as a browser sees them.
#pragma once

#include "api_test_support.h"
#include "purser/pages/pages.h"

namespace purser::pages {

namespace json = boost::json;
using api::ApiRequest;
using api::ApiResponse;
using api::text_at;

inline constexpr std::string_view kPassword = "correct horse battery";

class PagesTest : public api::ApiTest {
 protected:
  void SetUp() override {
    ApiTest::SetUp();
    Services services;
    services.api = [this](const ApiRequest& request) {
      if (!case_json.empty() && request.path.ends_with("/case")) {
        ApiResponse response;
        response.body = case_json;
        return response;
      }
      return api->handle(request);
    };
    services.keys = ring.get();
    services.base_url = [] { return "https://purser.example.com"; };
    pages = std::make_unique<Pages>(std::move(services));
  }

  std::string session_of(const std::string& email) {
    const auto made = post("/api/v1/users/" + email + "/sign-in-secret");
    const auto signed_in =
        handle(by_browser("POST", "/api/v1/sign-in", "",
                          R"({"secret":")" + made.text("secret") + R"(","new_password":")" +
                              std::string(kPassword) + "\"}"));
    EXPECT_EQ(signed_in.status, 200);
    return cookie_of(signed_in);
  }

  ApiRequest request(std::string method, std::string target, const std::string& session,
                     std::string form = "") {
    const auto mark = target.find('?');
    auto made = by_browser(std::move(method), target.substr(0, mark), session, std::move(form));
    if (mark != std::string::npos) made.query = target.substr(mark + 1);
    made.content_type = "application/x-www-form-urlencoded";
    return made;
  }
  ApiResponse open(const std::string& target, const std::string& session = "") {
    return pages->handle(request("GET", target, session));
  }
  ApiResponse send(const std::string& target, const std::string& session, const std::string& form) {
    return pages->handle(request("POST", target, session, form));
  }
  static std::string field(const ApiResponse& response, std::string_view name) {
    for (const auto& [one, value] : response.fields)
      if (one == name) return value;
    return "";
  }
  // The token in the page's form, ready to be sent.
  static std::string token_in(const ApiResponse& page) {
    constexpr std::string_view kBefore = "name=\"token\" value=\"";
    const auto at = page.body.find(kBefore);
    EXPECT_NE(at, std::string::npos) << page.body;
    return at == std::string::npos ? "" : "&token=" + page.body.substr(at + kBefore.size(), 64);
  }
  std::string limit_of(const std::string& cap) {
    return get("/api/v1/caps/" + cap).text("limit_usd");
  }
  // All that a change would show in.
  std::string trail() { return json::serialize(get("/api/v1/audit?limit=1000").body); }

  std::unique_ptr<Pages> pages;
  std::string case_json;  // what GET /caps/{cap}/case answers; empty: what the API does
};

}  // namespace purser::pages
