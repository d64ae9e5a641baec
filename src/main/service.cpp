#include "service.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

#include "first_start.h"
#include "gateway_options.h"
#include "price_file.h"
#include "purser/api/price_overrides.h"
#include "purser/identity/raise_requests.h"
#include "purser/identity/scope_names.h"

namespace purser::main {
namespace {

Result<void> make_data_dir(const std::string& directory) {
  std::error_code failed;
  std::filesystem::create_directories(directory, failed);
  if (!failed) std::filesystem::permissions(directory, std::filesystem::perms::owner_all, failed);
  if (!failed) return {};
  return Error{"bad_data_dir",
               "Cannot use the data directory " + directory + ": " + failed.message() +
                   ". Name another with --data-dir or PURSER_DATA_DIR.",
               Side::us};
}

std::size_t thread_count(const Config& config) {
  if (config.threads > 0) return config.threads;
  return std::max(1u, std::thread::hardware_concurrency());
}

// What a person can put into a browser or a tool: a wildcard address is not one.
std::string shown_host(const std::string& address) {
  if (address == "0.0.0.0" || address == "::") return "127.0.0.1";
  return address.find(':') == std::string::npos ? address : "[" + address + "]";
}

}  // namespace

Result<std::unique_ptr<Service>> Service::start(const Config& config, bool demo, Env& env,
                                                const Log& log) {
  std::unique_ptr<Service> service(new Service);
  service->data_dir_ = config.data_dir;
  service->public_url_ = config.public_url;
  service->sandbox_answers_ = config.sandbox;
  Result<gateway::GatewayOptions> options = gateway_options(config);
  if (!options) return options.error();
  if (auto opened = service->open_store(config, demo, env); !opened) return opened.error();
  if (auto loaded = service->load_prices(); !loaded) return loaded.error();
  for (std::size_t i = 0; i < thread_count(config); ++i)
    service->threads_.push_back(std::make_unique<IoThread>());
  if (config.sandbox)
    if (auto started = service->start_sandbox(); !started) return started.error();
  service->complete(*options);
  if (auto made = service->make_gateway(config, *options, env, log); !made) return made.error();
  if (auto listening = service->listen(config); !listening) return listening.error();
  // Only now it is known where the pages are.
  service->complete(*options);
  service->gateway_->set_options(std::move(*options));
  service->run_threads();
  service->alerts_->start();
  return service;
}

Result<void> Service::open_store(const Config& config, bool demo, Env& env) {
  if (auto made = make_data_dir(config.data_dir); !made) return made;
  store::StoreOptions options;
  options.directory = config.data_dir;
  options.command_log = config.command_log;
  Result<std::unique_ptr<store::Store>> opened = store::Store::open(options, env);
  if (!opened) return opened.error();
  store_ = std::move(*opened);
  Result<std::string> secret = identity::load_or_make_secret(config.data_dir + "/secret.key", env);
  if (!secret) return secret.error();
  keys_ = std::make_unique<identity::KeyRing>(*store_, env, std::move(*secret));
  if (auto filled = fill_empty_store(*store_, *keys_, env, config.data_dir, demo); !filled)
    return filled;
  keys_->reload_directory();
  sign_in_ = std::make_unique<identity::SignIn>(*store_, *keys_, env);
  first_secret_ = first_sign_in_secret(*sign_in_, config.data_dir);
  return {};
}

Result<void> Service::load_prices() {
  Result<pricing::PriceBook> book = load_price_book(data_dir_);
  if (!book) return book.error();
  prices_ = std::make_shared<const pricing::PriceBook>(
      book->with_overrides(api::read_price_overrides(*store_)));
  if (gateway_) gateway_->set_prices(prices_);
  return {};
}

Result<void> Service::start_sandbox() {
  auto started = gateway::SandboxServer::start(threads_.front()->io, true);
  if (!started) return started.error();
  sandbox_ = std::move(*started);
  return {};
}

void Service::complete(gateway::GatewayOptions& options) const {
  if (!public_url().empty()) options.ask_page = public_url() + "/ask";
  if (!sandbox_) return;
  options.sandbox_target.host = "127.0.0.1";
  options.sandbox_target.port = sandbox_->port();
  for (gateway::ProviderEntry& entry : options.providers)
    if (entry.kind == gateway::ProviderKind::sandbox) entry.target = options.sandbox_target;
}

void Service::make_alerts(const Config& config, Env& env) {
  alerts::DispatcherOptions options;
  options.channels = config.channels;
  options.send = [&env](const alerts::ChannelConfig& channel, const alerts::Message& message,
                        const alerts::Recipient& recipient) {
    return alerts::send(env, channel, message, recipient);
  };
  // Of keys and tasks, whose: many have a "laptop".
  options.scope_name = [](store::Sql& sql, const Id& workspace, const ledger::Scope& scope) {
    if (scope.kind != ledger::ScopeKind::key && scope.kind != ledger::ScopeKind::task)
      return identity::scope_name(sql, workspace, scope);
    const std::string target = identity::scope_target(sql, workspace, scope);
    return target.substr(target.find('/') + 1);
  };
  options.base_url = [this] { return public_url(); };
  options.every_round = [this] {
    static_cast<void>(identity::expire_raise_requests(*store_, store_->ledger_now()).ok());
  };
  alerts_ = std::make_unique<alerts::Dispatcher>(*store_, env, std::move(options));
}

Result<void> Service::make_gateway(const Config& config, gateway::GatewayOptions options, Env& env,
                                   const Log& log) {
  gateway_ = std::make_unique<gateway::Gateway>(
      std::move(options), gateway::GatewayServices{store_.get(), keys_.get(), &env, prices_,
                                                   [&log](const gateway::ExchangeRecord& record) {
                                                     log.request(record);
                                                   }});
  for (const auto& thread : threads_) gateway_->add_lane(thread->io);

  make_alerts(config, env);
  api::Services services;
  services.store = store_.get();
  services.keys = keys_.get();
  services.env = &env;
  services.prices = [this] { return gateway_->prices(); };
  services.reload_prices = [this] { static_cast<void>(load_prices().ok()); };
  services.estimate = [this](const identity::Principal& principal, std::string_view path,
                             std::string_view body) {
    return gateway_->estimate(principal, path, body);
  };
  services.sign_in = sign_in_.get();
  services.base_url = [this] { return public_url(); };
  services.secure_cookies = config.tls.enabled() || config.public_url.starts_with("https://");
  services.channels = [this] { return alerts_->channels(); };
  services.find_refusal = [this](const Id& request) { return gateway_->find_refusal(request); };
  api_ = std::make_unique<api::Api>(std::move(services));

  pages::Services for_pages;
  for_pages.api = [this](const api::ApiRequest& request) { return api_->handle(request); };
  for_pages.keys = keys_.get();
  for_pages.base_url = [this] { return public_url(); };
  pages_ = std::make_unique<pages::Pages>(std::move(for_pages));

  Door::Parts parts;
  parts.gateway = gateway_.get();
  parts.api = api_.get();
  parts.pages = pages_.get();
  parts.metrics = [this] { return gateway_->metrics(server_->counters()); };
  parts.why_not_ready = [this]() -> std::string {
    if (stopping_) return "Purser is shutting down.";
    if (store_->clock_in_doubt())
      return "The clock is in doubt: check it, then `purser clock accept`.";
    return {};
  };
  parts.serves_operations = config.admin_listen.empty();
  door_ = std::make_unique<Door>(std::move(parts));
  return {};
}

Result<void> Service::listen(const Config& config) {
  if (config.tls.enabled()) {
    auto tls = http::TlsContext::load(config.tls.certificate_file, config.tls.key_file);
    if (!tls) return tls.error();
    tls_ = *tls;
  }
  http::ServerOptions options;
  options.limits = config.limits;
  options.tls = tls_;
  options.handler = [door = door_.get()](http::ServerExchange& exchange) {
    return door->serve(exchange);
  };
  server_ = std::make_unique<http::Server>(std::move(options));
  std::uint16_t port = config.port;
  for (const auto& thread : threads_) {
    const Result<std::uint16_t> bound = server_->listen(thread->io, config.listen, port);
    if (!bound) return bound.error();
    port = *bound;
  }
  base_url_ = std::string(tls_ ? "https://" : "http://") + shown_host(config.listen) + ":" +
              std::to_string(port);
  if (config.admin_listen.empty()) return {};

  const auto colon = config.admin_listen.rfind(':');
  http::ServerOptions operations;
  operations.handler = [door = door_.get()](http::ServerExchange& exchange) {
    return door->serve_operations(exchange);
  };
  operations_server_ = std::make_unique<http::Server>(std::move(operations));
  const auto operations_port =
      static_cast<std::uint16_t>(std::stoul(config.admin_listen.substr(colon + 1)));
  const Result<std::uint16_t> bound = operations_server_->listen(
      threads_.front()->io, config.admin_listen.substr(0, colon), operations_port);
  if (!bound) return bound.error();
  return {};
}

void Service::run_threads() {
  for (const auto& thread : threads_)
    thread->thread = std::thread([io = &thread->io] { io->run(); });
}

Result<void> Service::reload(const Config& config) {
  Config in_force = config;
  in_force.sandbox = sandbox_answers_;
  Result<gateway::GatewayOptions> options = gateway_options(in_force);
  if (!options) return options.error();
  complete(*options);
  if (tls_)
    if (auto reloaded = tls_->reload(); !reloaded) return reloaded;
  if (auto loaded = load_prices(); !loaded) return loaded;
  gateway_->set_options(std::move(*options));
  server_->set_limits(config.limits);
  alerts_->set_channels(config.channels);
  return {};
}

void Service::stop_accepting() {
  stopping_ = true;
  server_->stop_accepting();
}

bool Service::is_idle() const { return gateway_->open_exchanges() == 0; }

void Service::cut_all() { gateway_->cut_all(); }

Service::~Service() {
  if (alerts_) alerts_->stop();
  for (const auto& thread : threads_) {
    thread->work.reset();
    thread->io.stop();
  }
  for (const auto& thread : threads_)
    if (thread->thread.joinable()) thread->thread.join();
  if (gateway_) gateway_->close();
  // Destroying an io_context destroys the exchanges still on it; each settles what it holds,
  // through the gateway and the store, which are still there.
  threads_.clear();
}

}  // namespace purser::main
