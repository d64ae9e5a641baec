#include "gateway_world.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "purser/base/check.h"

namespace purser::gateway {
namespace {

ProviderEntry entry(std::string name, ProviderKind kind) {
  ProviderEntry made;
  made.name = made.price_as = std::move(name);
  made.kind = kind;
  made.needs_key = kind != ProviderKind::sandbox;
  return made;
}

int connect_to(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int failed = ::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address);
  PURSER_ASSERT(failed == 0);
  return fd;
}

std::string talk(std::uint16_t port, const std::string& request) {
  const int fd = connect_to(port);
  for (std::size_t sent = 0; sent < request.size();) {
    const ssize_t some = ::send(fd, request.data() + sent, request.size() - sent, MSG_NOSIGNAL);
    if (some <= 0) break;
    sent += static_cast<std::size_t>(some);
  }
  std::string answer;
  char buffer[16384];
  for (;;) {
    const ssize_t some = ::recv(fd, buffer, sizeof buffer, 0);
    if (some <= 0) break;
    answer.append(buffer, static_cast<std::size_t>(some));
  }
  ::close(fd);
  return answer;
}

}  // namespace

std::shared_ptr<const pricing::PriceBook> test_prices() {
  static const auto book = [] {
    std::ifstream file(PURSER_SOURCE_DIR "/data/prices.json");
    std::stringstream text;
    text << file.rdbuf();
    auto parsed = pricing::PriceBook::parse(text.str());
    PURSER_ASSERT(parsed.ok());
    return std::make_shared<const pricing::PriceBook>(std::move(*parsed));
  }();
  return book;
}

std::string Answer::field(std::string_view name) const {
  const auto at = head.find("\r\n" + std::string(name) + ": ");
  if (at == std::string::npos) return {};
  const auto begin = at + 4 + name.size();
  return head.substr(begin, head.find("\r\n", begin) - begin);
}

World::World(std::size_t io_threads) {
  std::string pattern = (std::filesystem::temp_directory_path() / "purser_gateway_XXXXXX").string();
  directory_ = ::mkdtemp(pattern.data());
  store::StoreOptions options;
  options.directory = directory_;
  auto opened = store::Store::open(options, system_env());
  PURSER_ASSERT(opened.ok());
  store_ = std::move(*opened);
  keys_ = std::make_unique<identity::KeyRing>(*store_, system_env(), std::string(32, 's'));
  auto demo = identity::seed_demo(*store_, *keys_, system_env());
  PURSER_ASSERT(demo.ok());
  demo_ = std::move(*demo);
  keys_->reload_directory();

  for (std::size_t i = 0; i < io_threads; ++i) threads_.push_back(std::make_unique<IoThread>());
  auto sandbox = SandboxServer::start(threads_.front()->io, false);
  PURSER_ASSERT(sandbox.ok());
  sandbox_ = std::move(*sandbox);

  GatewayOptions told;
  told.sandbox = true;
  told.sandbox_target.host = "127.0.0.1";
  told.sandbox_target.port = sandbox_->port();
  told.providers.push_back(entry("openai", ProviderKind::openai));
  told.providers.push_back(entry("anthropic", ProviderKind::anthropic));
  told.providers.push_back(entry("sandbox", ProviderKind::sandbox));
  told.providers.back().target = told.sandbox_target;
  gateway_ = std::make_unique<Gateway>(
      std::move(told),
      GatewayServices{store_.get(), keys_.get(), &system_env(), test_prices(), nullptr});
  http::ServerOptions served;
  served.handler = [gateway = gateway_.get()](http::ServerExchange& each) {
    return gateway->serve(each);
  };
  server_ = std::make_unique<http::Server>(std::move(served));
  for (const auto& thread : threads_) {
    gateway_->add_lane(thread->io);
    const auto bound = server_->listen(thread->io, "127.0.0.1", port_);
    PURSER_ASSERT(bound.ok());
    port_ = *bound;
  }
  for (const auto& thread : threads_)
    thread->thread = std::thread([io = &thread->io] { io->run(); });
}

World::~World() {
  for (const auto& thread : threads_) thread->io.stop();
  for (const auto& thread : threads_) thread->thread.join();
  gateway_->close();
  threads_.clear();
  gateway_.reset();
  keys_.reset();
  store_.reset();
  std::filesystem::remove_all(directory_);
}

Answer World::send(const std::string& method, const std::string& path, const std::string& key,
                   const std::string& body, const std::string& more_fields) const {
  std::string request =
      method + " " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";
  if (!key.empty()) request += "Authorization: Bearer " + key + "\r\n";
  if (method == "POST")
    request +=
        "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
  const std::string text = talk(port_, request + more_fields + "\r\n" + body);
  Answer answer;
  const auto end = text.find("\r\n\r\n");
  if (end == std::string::npos) return answer;
  answer.status = std::stoi(text.substr(9, 3));
  answer.head = text.substr(0, end + 2);
  answer.body = text.substr(end + 4);
  return answer;
}

Answer World::post(const std::string& path, const std::string& key, const std::string& body,
                   const std::string& more_fields) const {
  return send("POST", path, key, body, more_fields);
}

Answer World::get(const std::string& path, const std::string& key) const {
  return send("GET", path, key, "", "");
}

const std::string& World::key_of(const std::string& name) const {
  for (const auto& person : demo_.people)
    if (person.name == name) return person.key;
  PURSER_ASSERT(false);
  return demo_.admin_key;
}

identity::PrincipalPtr World::principal_of(const std::string& name) {
  auto principal = keys_->resolve(key_of(name));
  PURSER_ASSERT(principal.ok());
  return *principal;
}

std::vector<store::CapStatus> World::caps_of(const std::string& name) {
  const auto principal = principal_of(name);
  store::Attribution attribution;
  attribution.user = principal->user;
  attribution.team = principal->team;
  attribution.membership = principal->membership;
  attribution.key = principal->key;
  return store_->caps(store::scopes_of(store_->workspace(), attribution));
}

void World::set_cap(ledger::ScopeKind kind, const Id& id, Nanos limit) {
  const auto changed = store_->change([&](store::Change& change) -> Result<void> {
    store::CapSpec spec;
    spec.scope = {kind, id};
    spec.limit = limit;
    const auto made = change.set_cap(spec, {}, "test");
    if (!made) return made.error();
    return {};
  });
  PURSER_ASSERT(changed.ok());
}

void World::set_user_cap(const std::string& name, Nanos limit) {
  set_cap(ledger::ScopeKind::user, principal_of(name)->user, limit);
}

void World::set_team_cap(const std::string& name, Nanos limit) {
  set_cap(ledger::ScopeKind::team, principal_of(name)->team, limit);
}

void World::set_rule(const std::string& name, ledger::ScopeKind kind, identity::RequestRule rule) {
  const auto who = principal_of(name);
  const Id& id = kind == ledger::ScopeKind::workspace ? store_->workspace()
                 : kind == ledger::ScopeKind::team    ? who->team
                 : kind == ledger::ScopeKind::user    ? who->user
                                                      : who->key;
  const auto changed = store_->change([&](store::Change& change) {
    return identity::set_request_rule(change, {kind, id}, rule, {});
  });
  PURSER_ASSERT(changed.ok());
  keys_->reload_directory();
}

void World::wait_until_settled() {
  while (gateway_->open_exchanges() > 0 || store_->counters().holds_open > 0)
    std::this_thread::yield();
}

}  // namespace purser::gateway
