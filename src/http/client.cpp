#include "purser/http/client.h"

#include <algorithm>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/execution_context.hpp>
#include <set>

#include "characters.h"
#include "client_connection.h"
#include "client_pool.h"
#include "head_writer.h"

namespace purser::http {

namespace asio = boost::asio;

namespace {

constexpr std::size_t kOneWriteBytes = 64 * 1024;  // head and body up to this leave together

SendResult failed(UpstreamFailure failure, std::string reason, bool may_have_been_sent) {
  SendResult result;
  result.failure = failure;
  result.reason = std::move(reason);
  result.request_may_have_been_sent = may_have_been_sent;
  return result;
}

bool is_valid(const UpstreamRequest& request) {
  return is_token(request.method) && !request.target.empty() && request.target.front() == '/' &&
         all_of(request.target, kTargetByte);
}

std::string write_head(const Target& target, const UpstreamRequest& request) {
  std::string head;
  head.reserve(512 + request.target.size());
  head.append(request.method).append(" ").append(target.base_path).append(request.target);
  head += " HTTP/1.1\r\n";
  append_field(head, "host", target.authority());
  for (const Field field : request.fields) {
    if (equal_without_case(field.name, "host") || equal_without_case(field.name, "expect"))
      continue;
    append_field_if_valid(head, field);
  }
  const bool body_expected = request.method != "GET" && request.method != "HEAD";
  if (body_expected || !request.body.empty()) {
    head += "content-length: ";
    append_number(head, request.body.size());
    head += "\r\n";
  }
  head += "\r\n";
  return head;
}

}  // namespace

const char* to_text(UpstreamFailure failure) {
  switch (failure) {
    case UpstreamFailure::none:
      return "none";
    case UpstreamFailure::resolve:
      return "resolve";
    case UpstreamFailure::connect:
      return "connect";
    case UpstreamFailure::tls:
      return "tls";
    case UpstreamFailure::write:
      return "write";
    case UpstreamFailure::no_answer:
      return "no_answer";
    case UpstreamFailure::bad_answer:
      return "bad_answer";
    case UpstreamFailure::cut:
      return "cut";
    case UpstreamFailure::stalled:
      return "stalled";
    case UpstreamFailure::too_large:
      return "too_large";
  }
  return "none";
}

// Belongs to the io_context, and tells the pools when that goes: a client may outlive it, but not
// its sockets and timers.
class ClientPool::Keeper : public asio::execution_context::service {
 public:
  using key_type = Keeper;
  static inline asio::execution_context::id id;

  explicit Keeper(asio::execution_context& context) : service(context) {}
  void add(ClientPool* pool) { pools_.insert(pool); }
  void remove(ClientPool* pool) { pools_.erase(pool); }

 private:
  void shutdown() override {
    for (ClientPool* pool : pools_) pool->context_gone();
    pools_.clear();
  }
  std::set<ClientPool*> pools_;
};

ClientPool::ClientPool(asio::any_io_executor executor, ClientOptions given)
    : options(std::move(given)),
      keeper_(&asio::use_service<Keeper>(asio::query(executor, asio::execution::context))),
      sweep_timer_(executor) {
  keeper_->add(this);
  if (options.env == nullptr) options.env = &system_env();
  connector = options.connector
                  ? std::move(options.connector)
                  : make_tcp_connector(executor, options.tls, options.dns_cache_ttl, options.env);
  settings = std::make_shared<const ClientSettings>(
      ClientSettings{options.write_timeout, options.first_byte_timeout, options.idle_timeout,
                     options.head_bytes, options.field_count, options.trailer_bytes,
                     options.chunk_line_bytes, options.interim_answers, options.env});
}

ClientPool::~ClientPool() {
  if (keeper_ != nullptr) keeper_->remove(this);
}

void ClientPool::context_gone() {
  idle_.clear();
  idle_count = 0;
  sweep_timer_.reset();
  keeper_ = nullptr;
}

std::unique_ptr<ClientConnection> ClientPool::take(const PoolKey& key) {
  const auto found = idle_.find(key);
  if (found == idle_.end()) return nullptr;
  const Duration oldest = options.env->boot_now() - options.pool_idle_timeout;
  std::unique_ptr<ClientConnection> taken;
  while (!taken && !found->second.empty()) {
    Idle idle = std::move(found->second.back());
    found->second.pop_back();
    --idle_count;
    if (idle.since > oldest && idle.connection->is_quiet()) taken = std::move(idle.connection);
  }
  if (found->second.empty()) idle_.erase(found);
  return taken;
}

void ClientPool::give_back(std::unique_ptr<ClientConnection> connection) {
  if (keeper_ == nullptr) return;
  if (idle_count >= options.pool_connections) close_expired();
  if (idle_count >= options.pool_connections) return;
  std::vector<Idle>& list = idle_[connection->key()];
  if (list.size() >= options.pool_connections_per_target) return;
  connection->mark_reused();
  list.push_back({std::move(connection), options.env->boot_now()});
  ++idle_count;
  schedule_sweep();
}

void ClientPool::close_expired() {
  const Duration oldest = options.env->boot_now() - options.pool_idle_timeout;
  for (auto at = idle_.begin(); at != idle_.end();) {
    idle_count -= std::erase_if(at->second, [&](const Idle& idle) { return idle.since <= oldest; });
    at = at->second.empty() ? idle_.erase(at) : std::next(at);
  }
}

// Idle connections are closed in time even where no request comes, so that none is left
// half-closed.
void ClientPool::schedule_sweep() {
  if (sweep_scheduled_) return;
  sweep_scheduled_ = true;
  sweep_timer_->expires_after(
      std::chrono::duration_cast<std::chrono::steady_clock::duration>(options.pool_idle_timeout));
  sweep_timer_->async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    const std::shared_ptr<ClientPool> pool = weak.lock();
    if (!pool) return;
    pool->sweep_scheduled_ = false;
    if (error) return;
    pool->close_expired();
    if (pool->idle_count > 0) pool->schedule_sweep();
  });
}

void ClientPool::clear() {
  idle_.clear();
  idle_count = 0;
  if (sweep_timer_) sweep_timer_->cancel();
}

UpstreamResponse::UpstreamResponse(std::unique_ptr<ClientConnection> connection,
                                   std::weak_ptr<ClientPool> pool)
    : connection_(std::move(connection)), pool_(std::move(pool)) {}

UpstreamResponse::~UpstreamResponse() {
  if (!connection_->is_reusable()) return;
  if (const std::shared_ptr<ClientPool> pool = pool_.lock()) {
    pool->give_back(std::move(connection_));
  }
}

int UpstreamResponse::status() const { return connection_->head().status; }
const Fields& UpstreamResponse::fields() const { return connection_->head().fields; }

std::int64_t UpstreamResponse::content_length() const {
  const BodyFraming& framing = connection_->head().framing;
  const bool known =
      framing.kind == BodyFraming::Kind::length || framing.kind == BodyFraming::Kind::none;
  return known ? static_cast<std::int64_t>(framing.length) : -1;
}

asio::awaitable<BodyPiece> UpstreamResponse::read_some() { return connection_->read_some(); }
const std::string& UpstreamResponse::failure_reason() const { return connection_->reason(); }
void UpstreamResponse::close() noexcept { connection_->close(); }

Client::Client(asio::any_io_executor executor, ClientOptions options)
    : pool_(std::make_shared<ClientPool>(std::move(executor), std::move(options))) {}

Client::~Client() { pool_->clear(); }

std::size_t Client::idle_connections() const { return pool_->idle_count; }
void Client::close_idle() { pool_->clear(); }

asio::awaitable<SendResult> Client::send(const Target* target, UpstreamRequest request) {
  if (!is_valid(request)) {
    co_return failed(UpstreamFailure::write, "the request's method or target cannot be sent",
                     false);
  }
  const std::shared_ptr<ClientPool> pool = pool_;
  std::string head = write_head(*target, request);
  if (request.body.size() <= kOneWriteBytes) {
    head += request.body;
    request.body.clear();
  }
  const PoolKey key{target->tls, target->host, target->port};
  std::unique_ptr<ClientConnection> connection = pool->take(key);
  for (;;) {
    if (!connection) {
      ConnectResult connected =
          co_await pool->connector->connect(target, pool->options.connect_timeout);
      if (connected.failure != UpstreamFailure::none) {
        co_return failed(connected.failure, std::move(connected.reason), false);
      }
      connection = std::make_unique<ClientConnection>(pool->settings, key,
                                                      std::move(connected.stream), false);
    }
    std::size_t sent_bytes = 0;
    const bool is_head = request.method == "HEAD";
    const UpstreamFailure failure =
        co_await connection->exchange(&head, &request.body, is_head, &sent_bytes);
    if (failure == UpstreamFailure::none) {
      SendResult result;
      result.request_may_have_been_sent = true;
      result.response = std::make_unique<UpstreamResponse>(std::move(connection), pool);
      co_return result;
    }
    if (failure == UpstreamFailure::write && sent_bytes == 0 && connection->reused()) {
      connection.reset();  // it had gone stale; nothing was sent, so a new one may try
      continue;
    }
    co_return failed(failure, connection->reason(), sent_bytes > 0);
  }
}

}  // namespace purser::http
