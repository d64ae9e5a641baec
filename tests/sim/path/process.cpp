#include "path/process.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <stdexcept>

namespace purser::sim {

namespace asio = boost::asio;

namespace {

constexpr std::string_view kPrices = R"({"schema": 1, "version": "2026-11-01", "models": [
  {"id": "openai/sim-chat", "context_window_tokens": 200000, "max_output_tokens": 4096,
   "periods": [{"rates": {"input": 3000000, "cached_input": 300000, "output": 15000000}}]},
  {"id": "anthropic/sim-claude", "context_window_tokens": 200000, "max_output_tokens": 4096,
   "periods": [{"rates": {"input": 5000000, "cached_input": 500000, "cache_write_5m": 6250000,
                          "cache_write_1h": 10000000, "output": 25000000}}]}]})";

std::shared_ptr<const pricing::PriceBook> prices() {
  static const auto book = [] {
    auto parsed = pricing::PriceBook::parse(kPrices);
    if (!parsed) throw std::runtime_error(parsed.error().message);
    return std::make_shared<const pricing::PriceBook>(std::move(*parsed));
  }();
  return book;
}

gateway::ProviderEntry entry(const char* provider, gateway::ProviderKind kind) {
  gateway::ProviderEntry made;
  made.name = made.price_as = provider;
  made.kind = kind;
  made.api_key = "sk-of-the-stub";
  made.target.host = std::string(provider) + ".sim";
  made.target.port = 80;
  made.connect_timeout = std::chrono::seconds(5);
  made.first_byte_timeout = std::chrono::seconds(20);
  made.idle_timeout = std::chrono::seconds(10);
  return made;
}

}  // namespace

class UpstreamConnector final : public http::Connector {
 public:
  explicit UpstreamConnector(Process& process) : process_(process) {}

  asio::awaitable<http::ConnectResult> connect(const http::Target*, Duration timeout) override {
    World& world = process_.world_;
    http::ConnectResult result;
    const bool refused = world.faults_on && world.choose.one_in(25);
    const bool times_out = !refused && world.faults_on && world.choose.one_in(25);
    if (refused) world.faults.count(Fault::connection_refused);
    if (times_out) world.faults.count(Fault::connection_times_out);
    const Duration wait =
        times_out ? timeout : Duration(std::chrono::microseconds(200 + world.choose.below(3000)));
    asio::steady_timer connected(*process_.io, asio::steady_timer::time_point::max());
    world.clock.after(wait, [&connected, alive = std::weak_ptr<bool>(process_.alive_)] {
      if (alive.lock()) connected.cancel();
    });
    boost::system::error_code ignored;
    co_await connected.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    if (refused || times_out) {
      result.failure = http::UpstreamFailure::connect;
      result.reason = refused ? "connection refused" : "timed out";
      co_return result;
    }
    const std::shared_ptr<Wire> wire = process_.options_.connect_upstream();
    process_.wires_.push_back(wire);
    result.stream = std::make_unique<SimStream>(wire, process_.io->get_executor());
    co_return result;
  }

 private:
  Process& process_;
};

std::string ring_secret() { return std::string(32, 's'); }

Process::Process(World& world, ProcessOptions options)
    : world_(world), options_(std::move(options)), work_(asio::make_work_guard(*io)) {
  store::StoreOptions stored;
  stored.recent_balances = 3;  // so that balances move out of the narrow rows all the time
  stored.hold_rows = 4;        // so that holds go over the rows of others all the time
  stored.directory = options_.directory;
  stored.queue_limit = options_.queue_limit;
  stored.readers = 1;
  stored.writer_thread = false;
  stored.on_disk_failure = [](const char*) { throw DiskFailed{}; };
  auto opened = store::Store::open(stored, world_.clock.env);
  if (!opened) throw std::runtime_error("the store does not open: " + opened.error().message);
  store = std::move(*opened);
  keys = std::make_unique<identity::KeyRing>(*store, world_.clock.env, ring_secret());

  gateway::GatewayOptions told;
  told.providers = {entry("openai", gateway::ProviderKind::openai),
                    entry("anthropic", gateway::ProviderKind::anthropic)};
  told.drains = 2;
  told.drain_limit = std::chrono::seconds(30);
  gateway::GatewayServices services{store.get(), keys.get(), &world_.clock.env, prices(), nullptr};
  services.seams.make_connector = [this] { return std::make_unique<UpstreamConnector>(*this); };
  services.seams.workers = io->get_executor();
  services.seams.after = [this](asio::io_context&, Duration wait, std::function<void()> work) {
    world_.clock.after(wait, [this, alive = std::weak_ptr<bool>(alive_), work = std::move(work)] {
      if (alive.lock()) asio::post(*io, work);
    });
  };
  gateway = std::make_unique<gateway::Gateway>(std::move(told), std::move(services));
  gateway->add_lane(*io);
  http::ServerOptions served;
  served.env = &world_.clock.env;
  served.handler = [this](http::ServerExchange& each) { return gateway->serve(each); };
  server_ = std::make_unique<http::Server>(std::move(served));
}

Process::~Process() {
  alive_.reset();
  died();
  gateway->close();
  work_.reset();
  io.reset();  // before what its coroutines refer to
}

void Process::accept(std::shared_ptr<Wire> wire) {
  wires_.push_back(wire);
  asio::co_spawn(*io,
                 http::serve_connection(server_->state(),
                                        std::make_unique<SimStream>(wire, io->get_executor())),
                 asio::detached);
}

void Process::died() {
  for (const auto& weak : wires_)
    if (const auto wire = weak.lock()) wire->product_died();
  wires_.clear();
}

}  // namespace purser::sim
