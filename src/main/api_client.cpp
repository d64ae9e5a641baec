#include "api_client.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <memory>

namespace purser::main {

namespace {

constexpr std::size_t kMostAnswerBytes = std::size_t{256} * 1024 * 1024;
constexpr long kConnectSeconds = 5;
constexpr long kWholeSeconds = 300;

struct ListFree {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
struct HandleFree {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
using List = std::unique_ptr<curl_slist, ListFree>;
using Handle = std::unique_ptr<CURL, HandleFree>;

std::size_t append_body(char* data, std::size_t size, std::size_t count, void* target) {
  auto* body = static_cast<std::string*>(target);
  if (body->size() + size * count > kMostAnswerBytes) return 0;  // curl stops with an error
  body->append(data, size * count);
  return size * count;
}

// The append that keeps ownership whether or not it fails.
void append(List& list, const std::string& line) {
  if (curl_slist* longer = curl_slist_append(list.get(), line.c_str())) {
    (void)list.release();
    list.reset(longer);
  }
}

Error transfer_error(CURLcode code, const char* detail, const std::string& base_url) {
  const std::string what = detail[0] != 0 ? detail : curl_easy_strerror(code);
  if (code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST) {
    return Error{"no_server",
                 fmt::format("no Purser answers at {} ({}); start one with ./scripts/start or "
                             "`purser serve`, or set PURSER_URL to where it runs",
                             base_url, what)};
  }
  if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE) {
    return Error{"bad_certificate",
                 fmt::format("the certificate of {} is not believed ({}); set PURSER_CA_FILE to "
                             "the PEM file of whoever signed it",
                             base_url, what)};
  }
  return Error{"no_answer", fmt::format("{} did not answer properly ({}); see its log, then try "
                                        "again: repeating a change that went through shows that "
                                        "it did",
                                        base_url, what)};
}

// One line of the answer's head: "Name: value\r\n". libcurl bounds how long a head may be.
std::size_t take_field(char* data, std::size_t size, std::size_t count, void* into) {
  const std::string_view line(data, size * count);
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return size * count;
  std::string name(line.substr(0, colon));
  for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  std::string_view value = line.substr(colon + 1);
  const std::size_t begin = value.find_first_not_of(" \t\r\n");
  value = begin == std::string_view::npos ? std::string_view() : value.substr(begin);
  value = value.substr(0, value.find_last_not_of(" \t\r\n") + 1);
  (*static_cast<std::map<std::string, std::string>*>(into))[std::move(name)] = std::string(value);
  return size * count;
}

}  // namespace

std::string percent_encode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

Result<ApiClient> ApiClient::from_environment(const Environment& environment) {
  ApiClient client;
  client.base_url_ = environment("PURSER_URL").value_or("");
  if (client.base_url_.empty()) client.base_url_ = "http://127.0.0.1:8484";
  while (client.base_url_.ends_with('/')) client.base_url_.pop_back();
  if (!client.base_url_.starts_with("http://") && !client.base_url_.starts_with("https://")) {
    return Error{"bad_url", fmt::format("PURSER_URL must begin with http:// or https://; it is "
                                        "\"{}\"",
                                        client.base_url_)};
  }
  client.key_ = environment("PURSER_KEY").value_or("");
  if (client.key_.empty()) {
    return Error{"no_key",
                 "PURSER_KEY is not set; set it to your key, such as: export "
                 "PURSER_KEY=\"$(cat FILE)\" with the admin.key that ./scripts/start names"};
  }
  // It goes into a header line.
  if (client.key_.find_first_of(" \r\n\t") != std::string::npos) {
    return Error{"no_key", "PURSER_KEY holds a space or a line end; set it to the key alone"};
  }
  client.ca_file_ = environment("PURSER_CA_FILE").value_or("");
  return client;
}

Result<ApiAnswer> ApiClient::call(const ApiCall& call) const {
  std::string url = base_url_ + call.path;
  char separator = '?';
  for (const auto& [key, value] : call.query) {
    url += fmt::format("{}{}={}", separator, percent_encode(key), percent_encode(value));
    separator = '&';
  }
  return perform(call, url);
}

Result<ApiAnswer> ApiClient::perform(const ApiCall& call, const std::string& url) const {
  const Handle handle(curl_easy_init());
  if (!handle) return Error{"no_answer", "libcurl could not be started", Side::us};
  List fields;
  append(fields, "Authorization: Bearer " + key_);
  append(fields, "Content-Type: " + call.content_type);
  append(fields, "Expect:");  // no round trip before a body

  ApiAnswer answer;
  char detail[CURL_ERROR_SIZE] = "";
  CURL* curl = handle.get();
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, call.method.c_str());
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, fields.get());
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT, kWholeSeconds);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, detail);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, append_body);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer.body);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_field);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &answer.fields);
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "purser-cli");
  if (call.method != "GET" && call.method != "DELETE") {
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(call.body.size()));
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, call.body.data());
  }
  if (!ca_file_.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, ca_file_.c_str());

  const CURLcode code = curl_easy_perform(curl);
  if (code != CURLE_OK) return transfer_error(code, detail, base_url_);
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  answer.status = static_cast<int>(status);
  return answer;
}

}  // namespace purser::main
