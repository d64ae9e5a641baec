#include "serve.h"

#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <iostream>

#include "first_start.h"
#include "log.h"
#include "purser/base/text.h"
#include "service.h"
#include "settings.h"

namespace purser::main {
namespace {

// How often a shutdown looks whether the last exchange has ended, and how long it waits for those
// it has cut.
constexpr auto kLookEvery = std::chrono::milliseconds(20);
constexpr auto kCutWait = std::chrono::seconds(5);

// Waits for signals on the main thread; the io threads do the work.
class Life {
 public:
  Life(Service& service, const ServeOptions& options, const Config& config, const Log& log)
      : service_(service), options_(options), log_(log), config_(config) {}

  void run() {
    wait_for_stop();
    wait_for_reload();
    io_.run();
  }

 private:
  void wait_for_stop() {
    stop_.async_wait([this](const boost::system::error_code& failed, int) {
      if (failed) return;
      log_.info("stopping: no more connections; waiting for what is under way");
      reload_.cancel();
      service_.stop_accepting();
      until_ = system_env().boot_now() + config_.shutdown_drain;
      look();
    });
  }

  void wait_for_reload() {
    reload_.async_wait([this](const boost::system::error_code& failed, int) {
      if (failed) return;
      reload();
      wait_for_reload();
    });
  }

  void reload() {
    const Result<Config> config = load_config(options_.source);
    if (!config) {
      log_.error("reload: the old configuration stays: " + config.error().message);
      return;
    }
    if (const auto reloaded = service_.reload(*config); !reloaded) {
      log_.error("reload: the old configuration stays: " + reloaded.error().message);
      return;
    }
    log_.set_level(config->log.level);
    config_.shutdown_drain = config->shutdown_drain;
    log_.info("reload: certificates, prices, providers and limits were read again");
    std::string later;
    for (const std::string& setting : changed_for_next_start(config_, *config))
      later += (later.empty() ? "" : ", ") + setting;
    if (!later.empty()) log_.info("reload: takes effect at the next start: " + later);
  }

  void look() {
    timer_.expires_after(kLookEvery);
    timer_.async_wait([this](const boost::system::error_code& failed) {
      if (failed || service_.is_idle()) {
        io_.stop();
        return;
      }
      const auto now = system_env().boot_now();
      if (!cut_ && now >= until_) {
        log_.info("stopping: cutting what still streams; it is settled in full");
        service_.cut_all();
        cut_ = true;
        until_ = now + kCutWait;
      } else if (cut_ && now >= until_) {
        io_.stop();
        return;
      }
      look();
    });
  }

  Service& service_;
  const ServeOptions& options_;
  const Log& log_;
  Config config_;  // as it was started, but for what a reload changes here
  boost::asio::io_context io_{1};
  boost::asio::signal_set stop_{io_, SIGINT, SIGTERM};
  boost::asio::signal_set reload_{io_, SIGHUP};
  boost::asio::steady_timer timer_{io_};
  Duration until_{};
  bool cut_ = false;
};

// To a person at a terminal; a journal keeps what it is told, so it is told the file alone.
void tell_first_sign_in(const Service& service, const Config& config, const Log& log) {
  const std::string link = service.first_sign_in_link();
  if (link.empty()) return;
  if (::isatty(STDOUT_FILENO) != 0) {
    std::cout << "The first admin signs in here (good once, for 24 hours):\n  " << link
              << std::endl;
  } else {
    log.info("the first admin's one-time sign-in secret lies in " + config.data_dir +
             "/admin.sign-in; it goes into " + service.public_url() + "/sign-in/secret");
  }
}

}  // namespace

int serve(const ServeOptions& options) {
  const Result<Config> config = load_config(options.source);
  if (!config) {
    std::cerr << "purser: " << config.error().message << "\n";
    return 1;
  }
  const Log log(config->log);
  std::signal(SIGPIPE, SIG_IGN);

  Result<std::unique_ptr<Service>> service =
      Service::start(*config, options.demo, system_env(), log);
  if (!service) {
    std::cerr << "purser: " << service.error().message << "\n";
    return 1;
  }
  Life life(**service, options, *config, log);
  const std::string base_url = (*service)->base_url();
  if (!options.ready_file.empty()) {
    const std::string ready = "{\"base_url\": " + quote_json(base_url) +
                              ", \"pid\": " + std::to_string(::getpid()) + "}\n";
    if (const auto written = write_private_file(options.ready_file, ready); !written) {
      std::cerr << "purser: " << written.error().message << "\n";
      return 1;
    }
  }
  log.info("ready at " + base_url);
  tell_first_sign_in(**service, *config, log);
  life.run();
  service->reset();
  log.info("stopped");
  return 0;
}

}  // namespace purser::main
