#include "transfer.h"

#include <fmt/format.h>
#include <strings.h>
#include <sys/socket.h>

#include <algorithm>

#include "address_check.h"
#include "text.h"

namespace purser::alerts {

namespace {

constexpr std::size_t kMostAnswerBytes = 4096;  // kept; more ends the transfer
constexpr Duration kMostConnectTime = std::chrono::seconds{10};
constexpr std::string_view kRetryAfter = "retry-after:";

// Once for the process, before the first handle; curl asks for that.
void start_curl() {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  PURSER_ASSERT(started == CURLE_OK);
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kSpaces = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kSpaces);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpaces) + 1 - begin);
}

bool is_certificate_problem(CURLcode code) {
  return code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE ||
         code == CURLE_SSL_ISSUER_ERROR;
}

}  // namespace

long milliseconds(Duration time) {
  return std::max<long>(1, std::chrono::duration_cast<std::chrono::milliseconds>(time).count());
}

Transfer::Transfer(const ChannelConfig& channel) : channel_(channel) {
  start_curl();
  handle_ = curl_easy_init();
  PURSER_ASSERT(handle_ != nullptr);
  curl_easy_setopt(handle_, CURLOPT_ERRORBUFFER, detail_);
  curl_easy_setopt(handle_, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle_, CURLOPT_PROXY, "");  // none, whatever the environment says
  curl_easy_setopt(handle_, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(handle_, CURLOPT_FRESH_CONNECT, 1L);
  curl_easy_setopt(handle_, CURLOPT_FORBID_REUSE, 1L);
  curl_easy_setopt(handle_, CURLOPT_CONNECTTIMEOUT_MS,
                   milliseconds(std::min(channel.timeout, kMostConnectTime)));
  curl_easy_setopt(handle_, CURLOPT_TIMEOUT_MS, milliseconds(channel.timeout));
  // The overall timeout does not cover waiting for the thread that resolves a name when all is
  // over, nor the answer to SMTP's QUIT.
  curl_easy_setopt(handle_, CURLOPT_QUICK_EXIT, 1L);
  curl_easy_setopt(handle_, CURLOPT_SERVER_RESPONSE_TIMEOUT,
                   (milliseconds(channel.timeout) + 999) / 1000);
  curl_easy_setopt(handle_, CURLOPT_OPENSOCKETFUNCTION, open_socket);
  curl_easy_setopt(handle_, CURLOPT_OPENSOCKETDATA, this);
  curl_easy_setopt(handle_, CURLOPT_WRITEFUNCTION, take_body);
  curl_easy_setopt(handle_, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(handle_, CURLOPT_HEADERFUNCTION, take_header);
  curl_easy_setopt(handle_, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(handle_, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!channel.ca_file.empty()) {
    curl_easy_setopt(handle_, CURLOPT_CAINFO, channel.ca_file.c_str());
    curl_easy_setopt(handle_, CURLOPT_CAPATH, nullptr);
  }
}

Transfer::~Transfer() {
  curl_easy_cleanup(handle_);
  curl_slist_free_all(list_);
}

void Transfer::append(CURLoption option, const std::string& line) {
  if (curl_slist* longer = curl_slist_append(list_, line.c_str())) list_ = longer;
  curl_easy_setopt(handle_, option, list_);
}

CURLcode Transfer::perform() { return curl_easy_perform(handle_); }

long Transfer::status() const {
  long status = 0;
  curl_easy_getinfo(handle_, CURLINFO_RESPONSE_CODE, &status);
  return status;
}

SendResult Transfer::failure(CURLcode code) const {
  const std::string what = one_line(detail_[0] != 0 ? detail_ : curl_easy_strerror(code));
  // Before anything that another try could mend: the address is refused by us, not by the network.
  if (code == CURLE_COULDNT_CONNECT && !refused_address_.empty()) {
    return {false,
            false,
            fmt::format("channel \"{}\": its host resolves to {}, which is not a public address; "
                        "set `allow_private = true` if it is meant to be inside",
                        channel_.name, refused_address_),
            {}};
  }
  if (is_certificate_problem(code)) {
    return {false,
            true,
            fmt::format("channel \"{}\": the certificate of its host is not believed ({}); set "
                        "`ca_file` to the PEM file of whoever signed it",
                        channel_.name, what),
            {}};
  }
  return {
      false,
      true,
      fmt::format("channel \"{}\": its host could not be reached or did not answer in time ({})",
                  channel_.name, what),
      {}};
}

curl_socket_t Transfer::open_socket(void* self, curlsocktype purpose, curl_sockaddr* address) {
  auto* transfer = static_cast<Transfer*>(self);
  if (purpose != CURLSOCKTYPE_IPCXN) return CURL_SOCKET_BAD;
  if (!transfer->channel_.allow_private && !is_public_address(address->addr)) {
    transfer->refused_address_ = address_text(address->addr);
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

std::size_t Transfer::take_body(char* data, std::size_t size, std::size_t count, void* self) {
  auto* transfer = static_cast<Transfer*>(self);
  const std::size_t bytes = size * count;
  const std::size_t room = kMostAnswerBytes - transfer->answer_.size();
  transfer->answer_.append(data, std::min(bytes, room));
  return bytes <= room ? bytes : 0;  // 0 ends the transfer; its status is known by now
}

// How much comes here is bounded by libcurl itself: 300 KB of headers, 64 KB of one SMTP line.
std::size_t Transfer::take_header(char* data, std::size_t size, std::size_t count, void* self) {
  auto* transfer = static_cast<Transfer*>(self);
  const std::string_view line(data, size * count);
  transfer->last_line_ = trim(line);
  if (line.size() > kRetryAfter.size() &&
      strncasecmp(line.data(), kRetryAfter.data(), kRetryAfter.size()) == 0) {
    transfer->retry_after_ = trim(line.substr(kRetryAfter.size()));
  }
  return line.size();
}

}  // namespace purser::alerts
