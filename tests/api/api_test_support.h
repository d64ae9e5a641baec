// The API over a real store in a directory of its own, on simulated time, with the demo workspace
// in it. With PURSER_API_RECORD set, every answer is appended to that file as one line of JSON
// (method, path, status, content_type, body), for tests/api/validate_openapi.py.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <future>
#include <memory>

#include "purser/api/api.h"
#include "purser/api/price_overrides.h"
#include "purser/identity/demo.h"
#include "purser/store/store.h"

namespace purser::api {

namespace json = boost::json;

inline constexpr Instant kStart{std::chrono::sys_days{std::chrono::year{2026} / 11 / 23} +
                                std::chrono::hours(15)};

inline constexpr std::string_view kBook = R"({"schema": 1, "version": "2026-11-01", "sources": [],
  "models": [
    {"id": "openai/gpt-5", "context_window_tokens": 400000, "max_output_tokens": 128000,
     "periods": [{"rates": {"input": 1250000, "cached_input": 125000, "output": 10000000}}]},
    {"id": "anthropic/claude-sonnet", "context_window_tokens": 200000, "max_output_tokens": 64000,
     "periods": [{"rates": {"input": 3000000, "output": 15000000, "web_search": 10000000000}}]}]})";

struct Answer {
  int status = 0;
  json::value body;
  std::vector<std::pair<std::string, std::string>> fields;

  std::string text(std::string_view member) const {
    const auto* object = body.if_object();
    const auto* value = object ? object->if_contains(member) : nullptr;
    if (!value) return "(absent)";
    return value->is_string() ? std::string(value->get_string()) : json::serialize(*value);
  }
  std::string field(std::string_view name) const {
    for (const auto& [one, value] : fields) {
      if (one == name) return value;
    }
    return "";
  }
  const json::array& items() const { return body.at("items").as_array(); }
  std::string error() const {
    const auto* object = body.if_object();
    const auto* error = object ? object->if_contains("error") : nullptr;
    return error ? std::string(error->at("code").as_string()) : "";
  }
  std::string message() const { return std::string(body.at("error").at("message").as_string()); }
};

inline std::string text_at(const json::value& value, std::string_view member) {
  const auto& found = value.as_object().at(member);
  return found.is_string() ? std::string(found.get_string()) : json::serialize(found);
}

class ApiTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "purser_api_XXXXXX").string();
    directory = mkdtemp(pattern.data());
    open();
    auto seeded = identity::seed_demo(*store, *ring, env);
    ASSERT_TRUE(seeded) << seeded.error().message;
    demo = *seeded;
    admin = demo.admin_key;
    sam = demo.people[0].key;
    load_prices();
    make_api();
  }
  void TearDown() override {
    api.reset();
    sign_in.reset();
    ring.reset();
    store.reset();
    std::filesystem::remove_all(directory);
  }
  void open() {
    store::StoreOptions options;
    options.directory = directory;
    auto opened = store::Store::open(options, env);
    ASSERT_TRUE(opened) << opened.error().message;
    store = std::move(*opened);
    ring = std::make_unique<identity::KeyRing>(*store, env, std::string(32, 'k'));
    sign_in = std::make_unique<identity::SignIn>(*store, *ring, env);
  }
  void restart() {
    api.reset();
    sign_in.reset();
    ring.reset();
    store.reset();
    open();
    make_api();
  }
  void load_prices() {
    auto book = pricing::PriceBook::parse(kBook);
    ASSERT_TRUE(book) << book.error().message;
    prices = std::make_shared<const pricing::PriceBook>(
        book->with_overrides(read_price_overrides(*store)));
  }
  void make_api() {
    Services services;
    services.store = store.get();
    services.keys = ring.get();
    services.env = &env;
    services.channels = [this] { return channels; };
    services.prices = [this] { return prices; };
    services.reload_prices = [this] { load_prices(); };
    services.sign_in = sign_in.get();
    services.base_url = [] { return "https://purser.example.com"; };
    services.find_refusal = [this](const Id& id) {
      const auto found = refusals.find(to_text("req", id));
      return found == refusals.end() ? std::string() : found->second;
    };
    services.estimate = [this](const identity::Principal& who, std::string_view path,
                               std::string_view body) { return estimate(who, path, body); };
    api = std::make_unique<Api>(std::move(services));
  }

  Answer call(std::string method, std::string path, std::string body, const std::string& key) {
    ApiRequest request;
    request.method = method;
    const auto mark = path.find('?');
    request.path = path.substr(0, mark);
    if (mark != std::string::npos) request.query = path.substr(mark + 1);
    request.authorization = key;
    request.body = std::move(body);
    return handle(request);
  }
  Answer handle(const ApiRequest& request) {
    ApiResponse response = api->handle(request);
    Answer answer{response.status, {}, response.fields};
    // What is not JSON stands as text.
    const bool is_json = answer.field("Content-Type") == "application/json";
    answer.body = is_json ? json::parse(response.body) : json::value(response.body);
    record(request.method, request.path, answer);
    return answer;
  }
  // As a page of our own sends it, with the cookie.
  static ApiRequest by_browser(std::string method, std::string path, std::string session,
                               std::string body = "") {
    ApiRequest request;
    request.method = std::move(method);
    request.path = std::move(path);
    request.session = std::move(session);
    request.body = std::move(body);
    request.content_type = "application/json";
    request.fetch_site = "same-origin";
    request.host = "purser.example.com";
    request.peer = "192.0.2.1";
    return request;
  }
  static std::string cookie_of(const Answer& answer) {
    for (const auto& [name, value] : answer.fields) {
      if (name == "Set-Cookie") return value.substr(0, value.find(';')).substr(15);
    }
    return "";
  }
  Answer get(std::string path) { return call("GET", std::move(path), "", admin); }
  Answer post(std::string path, std::string body = "{}") {
    return call("POST", std::move(path), std::move(body), admin);
  }
  Answer put(std::string path, std::string body) {
    return call("PUT", std::move(path), std::move(body), admin);
  }
  Answer patch(std::string path, std::string body) {
    return call("PATCH", std::move(path), std::move(body), admin);
  }
  Answer remove(std::string path) { return call("DELETE", std::move(path), "", admin); }

  // A person with a manage key of this role; a lead of `lead_of` where that is given.
  std::string manage_key(const std::string& role, const std::string& lead_of = "") {
    const std::string email = (lead_of.empty() ? role : "lead." + lead_of) + "@example.com";
    EXPECT_EQ(post("/api/v1/users", R"({"name":"A )" + role + R"(","email":")" + email +
                                        R"(","role":")" + role + "\"}")
                  .status,
              201);
    if (!lead_of.empty()) {
      EXPECT_EQ(post("/api/v1/memberships",
                     R"({"user":")" + email + R"(","team":")" + lead_of + R"(","lead":true})")
                    .status,
                201);
    }
    return post("/api/v1/keys", R"({"user":")" + email + R"(","kind":"manage"})").text("key");
  }

  std::string cap_id(std::string_view scope, std::string_view name) {
    const auto caps =
        get("/api/v1/caps?scope=" + std::string(scope) + "&name=" + std::string(name));
    EXPECT_FALSE(caps.items().empty());
    return caps.items().empty() ? "" : text_at(caps.items()[0], "id");
  }

  // A request of the key's holder from reserve to settle, as the gateway would make it.
  struct Spend {
    Nanos hold{kNanosPerUsd};
    bool settle = true;
    std::string model = "gpt-5";
    std::string task = {};
  };
  Id spend(const std::string& key, const Spend& how) {
    const auto who = ring->resolve(key);
    EXPECT_TRUE(who) << who.error().message;
    store::ReserveRequest request;
    auto& attribution = request.attribution;
    attribution.user = (*who)->user;
    attribution.team = (*who)->team;
    attribution.membership = (*who)->membership;
    attribution.key = (*who)->key;
    attribution.task_name = how.task;
    if (!how.task.empty()) attribution.task = store::task_id((*who)->user, how.task);
    attribution.provider = "openai";
    attribution.asked_model = how.model;
    attribution.format = "openai_chat";
    request.reserve.request = make_id(env);
    request.reserve.scopes = store::scopes_of(store->workspace(), attribution);
    request.reserve.forms.push_back(how.hold);
    request.reserve.smallest = how.hold;
    request.identity_version = (*who)->identity_version;
    request.price_id = "openai/gpt-5";
    request.price_version = prices->find("openai", "gpt-5", env.utc_now())->version;
    request.explanation = R"({"input_tokens_at_most":1200})";
    const Id id = request.reserve.request;
    EXPECT_EQ(run(std::move(request)).outcome.decision, ledger::Decision::granted);
    if (!how.settle) return id;
    store::SettleRequest settle;
    settle.request = id;
    // 1,000 input, 200 cached, 100 output: 0.00125 + 0.000025 + 0.001 USD.
    settle.counts.tokens = {1000, 200, 0, 0, 100, 0, 0, 0};
    settle.counts.fee_calls = {0};
    settle.counts.reasoning_tokens = 40;
    settle.cost = Nanos{2'275'000};
    settle.actual_model = "gpt-5-2025-08-07";
    settle.status = 200;
    settle.ending = "complete";
    EXPECT_EQ(run(std::move(settle)).status, store::StoreStatus::done);
    return id;
  }
  template <typename Request>
  store::CommandResult run(Request request) {
    std::promise<store::CommandResult> answer;
    EXPECT_TRUE(store->submit(std::move(request), [&](store::CommandResult&& result) {
      answer.set_value(std::move(result));
    }));
    return answer.get_future().get();
  }

  // What stands behind Services::estimate: the gateway's own is tested with the gateway.
  static Result<std::string> estimate(const identity::Principal& who, std::string_view path,
                                      std::string_view body) {
    if (path != "/v1/chat/completions") return Error{"unknown_path", "That path is not metered."};
    EXPECT_FALSE(who.user.is_zero());
    EXPECT_EQ(body, R"({"model":"gpt-5"})");
    return std::string(
        R"({"would_pass":true,"decision":"granted","bound_usd":"1.5","smallest_usd":"0.1",)"
        R"("hold_usd":"1.5","input_tokens_at_most":12,"output_tokens_at_most":34,)"
        R"("reads_unseen":false,"web_search_calls":0,"clamped":"","provider":"openai",)"
        R"("price_id":"openai/gpt-5","price_version":"2026-11-01","caps":[{"scope":"user",)"
        R"("period":"month","enforcement":"hard","limit_usd":"150","remaining_usd":"150",)"
        R"("paused":false}]})");
  }

  static void record(const std::string& method, const std::string& path, const Answer& answer) {
    const char* file = ::getenv("PURSER_API_RECORD");
    if (!file) return;
    json::object line{{"method", method},
                      {"path", path},
                      {"status", answer.status},
                      {"content_type", nullptr},
                      {"body", answer.body}};
    for (const auto& [name, value] : answer.fields)
      if (name == "Content-Type") line["content_type"] = value;
    std::ofstream(file, std::ios::app) << json::serialize(line) << "\n";
  }

  ManualEnv env{kStart, 17};
  std::string directory;
  std::unique_ptr<store::Store> store;
  std::unique_ptr<identity::KeyRing> ring;
  std::unique_ptr<identity::SignIn> sign_in;
  std::vector<alerts::ChannelConfig> channels;
  std::shared_ptr<const pricing::PriceBook> prices;
  std::unique_ptr<Api> api;
  identity::Demo demo;
  std::string admin, sam;
  std::map<std::string, std::string> refusals;
};

}  // namespace purser::api
