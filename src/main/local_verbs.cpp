#include "local_verbs.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "audit_file.h"
#include "gateway_options.h"
#include "price_file.h"
#include "purser/http/tls.h"
#include "purser/store/audit_trail.h"
#include "purser/store/store.h"
#include "table.h"
#include "verify_costs.h"

namespace purser::main {

namespace {

namespace json = boost::json;

int fail(const Error& error, bool as_json) {
  if (as_json) {
    std::cout << json::serialize(
                     json::value{{"ok", false}, {"code", error.code}, {"message", error.message}})
              << "\n";
  }
  std::cerr << "purser: " << error.message << "\n";
  return 1;
}

// What a start reads beside the file itself: certificates and their keys.
Result<void> check_files(const Config& config) {
  if (const auto options = gateway_options(config); !options) return options.error();
  if (!config.tls.enabled()) return {};
  const auto tls = http::TlsContext::load(config.tls.certificate_file, config.tls.key_file);
  return tls ? Result<void>() : tls.error();
}

}  // namespace

int check_config(const ConfigSource& source, bool show, bool as_json) {
  const Result<Config> config = load_config(source);
  if (!config) return fail(config.error(), as_json);
  if (const auto files = check_files(*config); !files) return fail(files.error(), as_json);
  const std::string file = config->file.empty() ? "no file: the defaults" : config->file;
  if (as_json) {
    json::object answer{{"ok", true}, {"file", config->file}, {"data_dir", config->data_dir}};
    if (show) answer["toml"] = to_toml(*config);
    std::cout << json::serialize(answer) << "\n";
  } else if (show) {
    std::cout << "# " << file << "\n" << to_toml(*config);
  } else {
    std::cout << "the configuration is sound (" << file << ")\n";
  }
  return 0;
}

int backup(const ConfigSource& source, const std::string& file, bool as_json) {
  const Result<Config> config = load_config(source);
  if (!config) return fail(config.error(), as_json);
  const Result<void> copied = store::backup(config->data_dir, file);
  if (!copied) return fail(copied.error(), as_json);
  if (as_json) {
    std::cout << json::serialize(json::value{{"ok", true}, {"file", file}}) << "\n";
  } else {
    std::cout << "copied to " << file << "; `purser verify " << file << "` checks it\n";
  }
  return 0;
}

int verify(const ConfigSource& source, const std::string& directory_or_file, bool as_json) {
  std::string place = directory_or_file;
  // A directory brings its price book; a backup is checked with this machine's.
  std::string prices_from = std::filesystem::is_directory(place) ? place : std::string();
  if (place.empty() || prices_from.empty()) {
    const Result<Config> config = load_config(source);
    if (!config) return fail(config.error(), as_json);
    if (place.empty()) place = config->data_dir;
    prices_from = config->data_dir;
  }
  const Result<pricing::PriceBook> book = load_price_book(prices_from);
  if (!book) return fail(book.error(), as_json);
  Result<store::VerifyReport> report = store::verify(place);
  if (!report) return fail(report.error(), as_json);
  const Result<CostReport> costs = verify_costs(place, *book);
  if (!costs) return fail(costs.error(), as_json);
  report->problems.insert(report->problems.end(), costs->problems.begin(), costs->problems.end());
  const bool clean = report->problems.empty();
  if (as_json) {
    json::array problems;
    for (const std::string& problem : report->problems) problems.emplace_back(problem);
    std::cout << json::serialize(json::value{{"ok", clean},
                                             {"place", place},
                                             {"problems", problems},
                                             {"accounts", report->accounts},
                                             {"usages", report->usages},
                                             {"costs_checked", costs->checked},
                                             {"costs_not_metered", costs->not_metered},
                                             {"costs_price_gone", costs->price_gone},
                                             {"holds", report->holds},
                                             {"audit_entries", report->audit_entries},
                                             {"audit_head", report->audit_head}})
              << "\n";
    return clean ? 0 : 1;
  }
  for (const std::string& problem : report->problems) std::cout << problem << "\n";
  std::cout << fmt::format(
      "{}: {} accounts, {} usages ({} costs recomputed, {} not "
      "metered, {} at a price that is gone), {} open holds, {} audit entries\n",
      clean ? "clean" : fmt::format("{} problems", report->problems.size()), report->accounts,
      report->usages, costs->checked, costs->not_metered, costs->price_gone, report->holds,
      report->audit_entries);
  return clean ? 0 : 1;
}

namespace {

bool is_export(const std::string& place) {
  std::ifstream stream(place, std::ios::binary);
  return !std::filesystem::is_directory(place) && stream.peek() == '{';
}

Result<store::AuditTrailReport> check_trail(const std::string& place,
                                            const std::vector<audit::GivenHead>& heads) {
  if (!is_export(place)) return store::verify_audit_trail(place, heads);
  std::ifstream stream(place, std::ios::binary);
  return verify_audit_lines(stream, heads);
}

json::array findings_json(const std::vector<audit::Finding>& findings) {
  json::array all;
  for (const audit::Finding& finding : findings) {
    all.push_back(json::object{{"flaw", audit::name(finding.flaw)},
                               {"sequence", finding.sequence},
                               {"last", finding.last},
                               {"sentence", finding.sentence}});
  }
  return all;
}

}  // namespace

int verify_audit(const ConfigSource& source, const std::string& place,
                 const std::vector<std::string>& heads, bool as_json) {
  std::vector<audit::GivenHead> given;
  for (const std::string& text : heads) {
    const Result<audit::GivenHead> head = audit::parse_head(text);
    if (!head) return fail(head.error(), as_json);
    given.push_back(*head);
  }
  std::string from = place;
  if (from.empty()) {
    const Result<Config> config = load_config(source);
    if (!config) return fail(config.error(), as_json);
    from = config->data_dir;
  }
  const Result<store::AuditTrailReport> report = check_trail(from, given);
  if (!report) return fail(report.error(), as_json);
  const bool is_intact = report->findings.empty();
  if (as_json) {
    std::cout << json::serialize(json::value{{"ok", is_intact},
                                             {"place", from},
                                             {"entries", report->entries},
                                             {"head", audit::to_text(report->head)},
                                             {"heads_given", given.size()},
                                             {"findings", findings_json(report->findings)}})
              << "\n";
    return is_intact ? 0 : 1;
  }
  for (const audit::Finding& finding : report->findings)
    std::cout << printable(finding.sentence) << "\n";
  std::cout << fmt::format("{}: {} audit entries; the head is {}\n",
                           is_intact ? "intact"
                                     : fmt::format("{} finding{}", report->findings.size(),
                                                   report->findings.size() == 1 ? "" : "s"),
                           report->entries, audit::to_text(report->head));
  if (is_intact && given.empty()) {
    std::cout << "That no newest entries were cut off shows only against a head that was kept "
                 "elsewhere: --head\n";
  }
  return is_intact ? 0 : 1;
}

int update_prices(const ConfigSource& source, const std::string& file, bool as_json) {
  const Result<Config> config = load_config(source);
  if (!config) return fail(config.error(), as_json);
  const Result<std::string> installed = install_price_book(file, config->data_dir);
  if (!installed) return fail(installed.error(), as_json);
  if (as_json) {
    std::cout << json::serialize(json::value{{"ok", true}, {"version", *installed}}) << "\n";
  } else {
    std::cout << "the prices of " << *installed
              << " are in place; Purser takes them at its next start, or with SIGHUP\n";
  }
  return 0;
}

int version(bool as_json) {
  if (as_json) {
    std::cout << json::serialize(json::value{{"version", PURSER_VERSION}}) << "\n";
  } else {
    std::cout << "purser " << PURSER_VERSION << "\n";
  }
  return 0;
}

}  // namespace purser::main
