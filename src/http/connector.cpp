// How the client comes by a connection: names resolved on Asio's own thread and kept for a while,
// addresses tried one after the other, then TLS. All within one deadline.
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <map>
#include <string>
#include <vector>

#include "purser/http/client.h"
#include "tcp_stream.h"
#include "tls_stream.h"

namespace purser::http {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr std::size_t kMaxCachedNames = 256;
constexpr std::size_t kMaxAddresses = 8;

using Endpoints = std::vector<tcp::endpoint>;

// One look-up under way. A deadline cannot interrupt it, so it is left behind, and ends by itself.
struct Lookup {
  explicit Lookup(const asio::any_io_executor& executor) : resolver(executor), done(executor) {}
  tcp::resolver resolver;
  asio::steady_timer done;
  bool finished = false;
  boost::system::error_code error;
  Endpoints endpoints;
};

asio::steady_timer::duration to_timer(Duration duration) {
  return std::chrono::duration_cast<asio::steady_timer::duration>(duration);
}

ConnectResult failed(UpstreamFailure failure, std::string reason) {
  return ConnectResult{failure, std::move(reason), nullptr};
}

class TcpConnector final : public Connector {
 public:
  TcpConnector(asio::any_io_executor executor, std::shared_ptr<TlsClientContext> tls,
               Duration dns_cache_ttl, Env* env)
      : executor_(std::move(executor)),
        tls_(std::move(tls)),
        dns_cache_ttl_(dns_cache_ttl),
        env_(env) {}

  asio::awaitable<ConnectResult> connect(const Target* target, Duration timeout) override;

 private:
  struct Cached {
    Endpoints endpoints;
    Duration until;
  };
  asio::awaitable<Endpoints> resolve(const Target* target, Duration deadline, std::string* reason);
  asio::awaitable<boost::system::error_code> connect_one(tcp::socket* socket,
                                                         tcp::endpoint endpoint, Duration timeout);
  asio::awaitable<ConnectResult> begin_tls(tcp::socket socket, std::string host, Duration timeout);
  void keep(const std::string& name, const Endpoints& endpoints);

  asio::any_io_executor executor_;
  std::shared_ptr<TlsClientContext> tls_;
  Duration dns_cache_ttl_;
  Env* env_;
  std::map<std::string, Cached> cache_;
};

asio::awaitable<ConnectResult> TcpConnector::connect(const Target* target, Duration timeout) {
  if (target->tls && !tls_) {
    co_return failed(UpstreamFailure::tls, "https upstreams are not configured here");
  }
  const Duration deadline = env_->boot_now() + timeout;
  std::string reason;
  const Endpoints endpoints = co_await resolve(target, deadline, &reason);
  if (endpoints.empty()) co_return failed(UpstreamFailure::resolve, std::move(reason));
  for (std::size_t i = 0; i < endpoints.size(); ++i) {
    const Duration left = deadline - env_->boot_now();
    if (left <= Duration::zero()) break;
    tcp::socket socket(executor_);
    // An address that swallows packets must not use up the time of those after it.
    const Duration share = i + 1 < endpoints.size() ? left / 2 : left;
    const boost::system::error_code error = co_await connect_one(&socket, endpoints[i], share);
    if (error) {
      reason = endpoints[i].address().to_string() + " port " + std::to_string(target->port) + ": " +
               error.message();
      continue;
    }
    if (target->tls) {
      const Duration tls_left = deadline - env_->boot_now();
      co_return co_await begin_tls(std::move(socket), target->host, tls_left);
    }
    ConnectResult result;
    result.stream = std::make_unique<TcpStream>(std::move(socket));
    co_return result;
  }
  co_return failed(UpstreamFailure::connect, reason.empty() ? "no time was left" : reason);
}

asio::awaitable<Endpoints> TcpConnector::resolve(const Target* target, Duration deadline,
                                                 std::string* reason) {
  boost::system::error_code error;
  const asio::ip::address address = asio::ip::make_address(target->host, error);
  if (!error) co_return Endpoints(1, tcp::endpoint(address, target->port));
  const std::string name = target->host + ":" + std::to_string(target->port);
  const auto cached = cache_.find(name);
  if (cached != cache_.end() && cached->second.until > env_->boot_now()) {
    co_return cached->second.endpoints;
  }
  const auto lookup = std::make_shared<Lookup>(executor_);
  lookup->done.expires_after(to_timer(deadline - env_->boot_now()));
  lookup->resolver.async_resolve(
      target->host, std::to_string(target->port), tcp::resolver::numeric_service,
      [lookup](const boost::system::error_code& failure, tcp::resolver::results_type results) {
        lookup->finished = true;
        lookup->error = failure;
        for (const auto& result : results) {
          if (lookup->endpoints.size() < kMaxAddresses) {
            lookup->endpoints.push_back(result.endpoint());
          }
        }
        lookup->done.cancel();
      });
  co_await lookup->done.async_wait(asio::redirect_error(asio::use_awaitable, error));
  if (!lookup->finished) {
    *reason = "the name " + target->host + " could not be resolved in time";
  } else if (lookup->error) {
    *reason = "the name " + target->host + " could not be resolved: " + lookup->error.message();
  } else {
    keep(name, lookup->endpoints);
    co_return lookup->endpoints;
  }
  co_return Endpoints();
}

void TcpConnector::keep(const std::string& name, const Endpoints& endpoints) {
  if (cache_.size() >= kMaxCachedNames) cache_.clear();
  cache_.insert_or_assign(name, Cached{endpoints, env_->boot_now() + dns_cache_ttl_});
}

asio::awaitable<boost::system::error_code> TcpConnector::connect_one(tcp::socket* socket,
                                                                     tcp::endpoint endpoint,
                                                                     Duration timeout) {
  boost::system::error_code error;
  // The timer's handler may run after this coroutine, so it reaches the socket through `live`.
  const auto live = std::make_shared<tcp::socket*>(socket);
  asio::steady_timer timer(executor_);
  timer.expires_after(to_timer(timeout));
  timer.async_wait([live](const boost::system::error_code& cancelled) {
    if (cancelled || *live == nullptr) return;
    boost::system::error_code ignored;
    (*live)->close(ignored);
  });
  co_await socket->async_connect(endpoint, asio::redirect_error(asio::use_awaitable, error));
  *live = nullptr;
  timer.cancel();
  if (!socket->is_open() && (!error || error == asio::error::operation_aborted)) {
    error = asio::error::timed_out;
  }
  co_return error;
}

asio::awaitable<ConnectResult> TcpConnector::begin_tls(tcp::socket socket, std::string host,
                                                       Duration timeout) {
  auto stream = std::make_unique<TlsStream>(std::move(socket), tls_->get());
  const IoStatus status = co_await stream->connect_handshake(host, timeout);
  if (status == IoStatus::ok) {
    ConnectResult result;
    result.stream = std::move(stream);
    co_return result;
  }
  co_return failed(UpstreamFailure::tls,
                   status == IoStatus::timed_out
                       ? "the TLS handshake with " + host + " took too long"
                       : "the TLS handshake with " + host + " failed: " + stream->failure_reason());
}

}  // namespace

std::unique_ptr<Connector> make_tcp_connector(asio::any_io_executor executor,
                                              std::shared_ptr<TlsClientContext> tls,
                                              Duration dns_cache_ttl, Env* env) {
  return std::make_unique<TcpConnector>(std::move(executor), std::move(tls), dns_cache_ttl, env);
}

}  // namespace purser::http
