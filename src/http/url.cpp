#include "purser/http/url.h"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

namespace purser::http {

namespace {

Error bad_url(std::string_view url, const char* what) {
  // A password may stand before an @, and this sentence ends up in a log.
  const bool told = url.find('@') == std::string_view::npos;
  return Error{"bad_url",
               "The base URL " + (told ? "\"" + std::string(url) + "\" " : "") + what +
                   " It should look like https://api.example.com or http://127.0.0.1:8000/path.",
               Side::us};
}

}  // namespace

std::string Target::authority() const {
  const bool ipv6 = host.find(':') != std::string::npos;
  std::string text = ipv6 ? "[" + host + "]" : host;
  if (port != (tls ? 443 : 80)) text += ":" + std::to_string(port);
  return text;
}

Result<Target> parse_base_url(std::string_view url) {
  const auto parsed = boost::urls::parse_uri(boost::urls::string_view(url.data(), url.size()));
  if (!parsed) return bad_url(url, "is not a URL.");
  const boost::urls::url_view& view = *parsed;
  Target target;
  if (view.scheme_id() == boost::urls::scheme::https) {
    target.tls = true;
  } else if (view.scheme_id() != boost::urls::scheme::http) {
    return bad_url(url, "has a scheme other than http or https.");
  }
  if (view.has_userinfo()) return bad_url(url, "holds a user or password; keys go elsewhere.");
  if (view.has_query() || view.has_fragment()) return bad_url(url, "has a query or a fragment.");
  if (!view.has_authority() || view.encoded_host().empty()) return bad_url(url, "names no host.");
  target.host = view.host_address();
  for (const char c : target.host) {
    if (c <= ' ' || c >= 0x7f) return bad_url(url, "has a host with bytes other than ASCII.");
  }
  target.port = target.tls ? 443 : 80;
  if (view.has_port() && !view.port().empty()) {
    if (view.port_number() == 0) return bad_url(url, "has a port that is not 1 to 65535.");
    target.port = view.port_number();
  }
  const auto path = view.encoded_path();
  // Boost.URL 1.81 takes "x:80abc" for port 80 and path "abc".
  if (!path.empty() && path.front() != '/') return bad_url(url, "has a malformed port.");
  target.base_path.assign(path.data(), path.size());
  while (!target.base_path.empty() && target.base_path.back() == '/') target.base_path.pop_back();
  return target;
}

std::string to_text(const Target& target) {
  return (target.tls ? "https://" : "http://") + target.authority() + target.base_path;
}

}  // namespace purser::http
