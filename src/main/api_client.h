// One call of the REST API, over libcurl. Blocks.
//
//   Result<ApiClient> client = ApiClient::from_environment(process_environment);
//   Result<ApiAnswer> answer = client->call({.method = "GET", .path = "/api/v1/me"});
//
// PURSER_URL: where Purser answers (default http://127.0.0.1:8484). PURSER_KEY: the key to use.
// PURSER_CA_FILE: a PEM file to believe instead of the system's certificates.
//
// Errors: `bad_url`, `no_key`, `no_server` (nobody answers), `no_answer`; each says what to do. An
// answer of any status is an answer, not an error.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "config.h"
#include "purser/base/result.h"

namespace purser::main {

struct ApiCall {
  std::string method;
  std::string path;
  std::vector<std::pair<std::string, std::string>> query;  // not yet percent-encoded
  std::string body;
  std::string content_type = "application/json";
};

struct ApiAnswer {
  int status = 0;
  std::string body;
  std::map<std::string, std::string> fields = {};  // by their names in lower case
  bool ok() const { return status >= 200 && status < 300; }
  std::string field(const std::string& name) const {  // empty: absent
    const auto found = fields.find(name);
    return found == fields.end() ? "" : found->second;
  }
};

class ApiClient {
 public:
  static Result<ApiClient> from_environment(const Environment& environment);
  Result<ApiAnswer> call(const ApiCall& call) const;

 private:
  ApiClient() = default;
  Result<ApiAnswer> perform(const ApiCall& call, const std::string& url) const;
  std::string base_url_;
  std::string key_;
  std::string ca_file_;
};

// "a b/c" → "a%20b%2Fc"
std::string percent_encode(std::string_view text);

}  // namespace purser::main
