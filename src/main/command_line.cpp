#include "command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "call_verb.h"
#include "local_verbs.h"
#include "serve.h"
#include "serve_options.h"
#include "suggestion.h"

namespace purser::main {

namespace {

constexpr int kNotUnderstood = 2;

// What the options of all verbs write into; lives as long as the parse.
struct Parsed {
  std::string config_file, data_dir, port, ready_file, target;
  std::vector<std::string> heads;
  bool demo = false;
  bool as_json = false;
  bool show = false;
  std::function<int()> run;
};

// --port and the like stand in front of the environment.
ConfigSource source_of(const Parsed& parsed) {
  std::map<std::string, std::string> in_front;
  if (!parsed.data_dir.empty()) in_front["PURSER_DATA_DIR"] = parsed.data_dir;
  if (!parsed.port.empty()) in_front["PURSER_PORT"] = parsed.port;
  if (parsed.demo && !process_environment("PURSER_SANDBOX")) in_front["PURSER_SANDBOX"] = "true";
  return {parsed.config_file, [in_front](const std::string& name) -> std::optional<std::string> {
            const auto found = in_front.find(name);
            if (found != in_front.end()) return found->second;
            return process_environment(name);
          }};
}

// What a group of verbs is about, as `purser --help` shows it.
std::string group_help(const std::string& word) {
  static const std::map<std::string, std::string> kHelp{
      {"user", "People and service accounts"},
      {"team", "Teams"},
      {"membership", "Who is in which team"},
      {"project", "Projects, and the teams that may book on them"},
      {"label", "Kinds of task"},
      {"key", "API keys"},
      {"template", "Named sets of caps"},
      {"cap", "Spending caps"},
      {"rules", "What one request may cost, and which models it may use"},
      {"raise", "Requests for a higher limit"},
      {"alerts", "What people are told over e-mail, chat and webhooks, and whether it arrived"},
      {"inbox", "What you were told"},
      {"audit", "The audit trail"},
      {"prices", "What models cost"},
      {"overspend", "Models billed above their bound"},
      {"unconfirmed", "Requests whose cost a crash hid"},
      {"settings", "The workspace's settings"},
      {"clock", "The ledger's clock"},
  };
  const auto found = kHelp.find(word);
  return found == kHelp.end() ? word : found->second;
}

CLI::App* child(CLI::App& parent, const std::string& word) {
  for (CLI::App* existing : parent.get_subcommands([](CLI::App*) { return true; })) {
    if (existing->get_name() == word) return existing;
  }
  CLI::App* made = parent.add_subcommand(word, group_help(word));
  made->require_subcommand(1);
  return made;
}

CLI::App* local_verb(CLI::App& app, Parsed& parsed, const std::string& name,
                     const std::string& help, std::function<int()> run) {
  CLI::App* verb = app.add_subcommand(name, help);
  verb->group("On this machine");
  verb->callback([&parsed, run] { parsed.run = run; });
  return verb;
}

void add_config_options(CLI::App* verb, Parsed& parsed) {
  verb->add_option("--config", parsed.config_file,
                   "the configuration (default: $PURSER_CONFIG, else <data_dir>/purser.toml)");
  verb->add_option("--data-dir", parsed.data_dir, "where the databases lie");
}

void add_json(CLI::App* verb, Parsed& parsed) {
  verb->add_flag("--json", parsed.as_json, "print one JSON object");
}

void add_local_verbs(CLI::App& app, Parsed& parsed) {
  CLI::App* serving = local_verb(app, parsed, "serve", "Run the gateway", [&parsed] {
    return serve({source_of(parsed), parsed.demo, parsed.ready_file});
  });
  add_config_options(serving, parsed);
  serving->add_option("--port", parsed.port, "the port to listen on; 0: any free one");
  serving->add_flag("--demo", parsed.demo,
                    "seed a demo workspace on the first start, and let the sandbox answer");
  serving->add_option("--ready-file", parsed.ready_file,
                      "write base_url and pid to this file once it listens");
  CLI::App* checking = local_verb(
      app, parsed, "check-config", "Read the configuration and say what is wrong",
      [&parsed] { return check_config(source_of(parsed), parsed.show, parsed.as_json); });
  add_config_options(checking, parsed);
  checking->add_flag("--show", parsed.show, "print the settings in force");
  add_json(checking, parsed);

  CLI::App* copying =
      local_verb(app, parsed, "backup", "Copy the ledger to a new file, also while Purser runs",
                 [&parsed] { return backup(source_of(parsed), parsed.target, parsed.as_json); });
  add_config_options(copying, parsed);
  copying->add_option("FILE", parsed.target, "the file to make")->required();
  add_json(copying, parsed);

  CLI::App* verifying =
      local_verb(app, parsed, "verify", "Recompute the books and say what is off",
                 [&parsed] { return verify(source_of(parsed), parsed.target, parsed.as_json); });
  add_config_options(verifying, parsed);
  verifying->add_option("PLACE", parsed.target, "a data directory or a backup");
  add_json(verifying, parsed);

  CLI::App* checking_trail = local_verb(
      *child(app, "audit"), parsed, "verify",
      "Check the audit trail, and say which entries are edited, removed, swapped or reordered",
      [&parsed] {
        return verify_audit(source_of(parsed), parsed.target, parsed.heads, parsed.as_json);
      });
  add_config_options(checking_trail, parsed);
  checking_trail->add_option("PLACE", parsed.target,
                             "a data directory, a backup, or an export in JSON Lines");
  checking_trail
      ->add_option("--head", parsed.heads, "what `audit head` printed before, or its hash alone")
      ->expected(1)
      ->take_all();
  add_json(checking_trail, parsed);

  CLI::App* prices = child(app, "prices");
  CLI::App* updating = local_verb(
      *prices, parsed, "update", "Put a newer price book in place of the one that was built in",
      [&parsed] { return update_prices(source_of(parsed), parsed.target, parsed.as_json); });
  add_config_options(updating, parsed);
  updating->add_option("FILE", parsed.target, "a prices.json, see docs/PRICES.md")->required();
  add_json(updating, parsed);

  CLI::App* telling = local_verb(app, parsed, "version", "Say which version this is",
                                 [&parsed] { return version(parsed.as_json); });
  add_json(telling, parsed);
}

void add_parameter(CLI::App* app, const Parameter& parameter) {
  CLI::Option* option = nullptr;
  if (parameter.kind == Kind::flag) {
    option = app->add_flag(parameter.flag, parameter.help);
  } else {
    option = app->add_option(parameter.flag, parameter.help);
    if (parameter.kind == Kind::list) {
      option->delimiter(',')->type_size(1)->expected(1, CLI::detail::expected_max_vector_size);
      option->allow_extra_args(!parameter.flag.starts_with('-'));
    } else {
      option->expected(1);
    }
    option->type_name("");
  }
  if (parameter.required) option->required();
}

Given given_to(const Verb& verb, CLI::App* app) {
  Given given;
  for (const Parameter& parameter : verb.parameters) {
    const std::string first_name = parameter.flag.substr(0, parameter.flag.find(','));
    const CLI::Option* option = app->get_option(first_name);
    if (option->count() == 0) continue;
    if (parameter.kind == Kind::flag) {
      given.set(parameter.key, {"true"});
    } else {
      given.set(parameter.key, option->results());
    }
  }
  return given;
}

void add_api_verb(CLI::App& root, Parsed& parsed, const Verb& verb) {
  CLI::App* parent = &root;
  for (std::size_t i = 0; i + 1 < verb.words.size(); ++i) parent = child(*parent, verb.words[i]);
  if (parent != &root) parent->group("Through the API (PURSER_URL, PURSER_KEY)");
  CLI::App* app = parent->add_subcommand(verb.words.back(), verb.help);
  if (parent == &root) app->group("Through the API (PURSER_URL, PURSER_KEY)");
  for (const Parameter& parameter : verb.parameters) add_parameter(app, parameter);
  add_json(app, parsed);
  app->callback([&parsed, &verb, app] {
    parsed.run = [&parsed, &verb, given = given_to(verb, app)] {
      return call_verb(verb, given, parsed.as_json, process_environment);
    };
  });
}

// The first word that is no verb or option where it stands, and what could have been meant.
struct Slip {
  std::string word;
  std::string meant;
  bool is_verb = false;  // it stands where a verb is expected
};

Slip find_slip(const CLI::App& app, const std::vector<std::string>& words) {
  const CLI::App* at = &app;
  Slip first;
  for (const std::string& word : words) {
    std::vector<std::string> names;
    const CLI::App* next = nullptr;
    for (const CLI::App* each : at->get_subcommands([](const CLI::App*) { return true; })) {
      names.push_back(each->get_name());
      if (each->get_name() == word) next = each;
    }
    const bool wants_verb = !names.empty();
    for (const CLI::Option* option : at->get_options()) names.push_back(option->get_name());
    if (next != nullptr) {
      at = next;
    } else if (std::ranges::find(names, word) == names.end()) {
      Slip slip{word, nearest(word, names), wants_verb};
      if (!slip.meant.empty()) return slip;
      if (first.word.empty()) first = std::move(slip);
    }
  }
  return first;
}

int explain_usage(const CLI::App& app, const CLI::ParseError& error, int argc,
                  const char* const* argv) {
  const Slip slip = find_slip(app, {argv + 1, argv + argc});
  std::string path = "purser";
  const CLI::App* at = &app;
  while (!at->get_subcommands().empty()) {
    at = at->get_subcommands().front();
    path += " " + at->get_name();
  }
  std::string sentence = error.what();
  if (slip.is_verb) {
    sentence = fmt::format("there is no verb `{}`", slip.word);
  } else if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr &&
             !at->get_subcommands([](const CLI::App*) { return true; }).empty()) {
    sentence = "a verb is missing";
  }
  if (!slip.meant.empty()) sentence += fmt::format("; did you mean `{}`?", slip.meant);
  std::cerr << "purser: " << sentence << "\n`" << path << " --help` says what it takes\n";
  return kNotUnderstood;
}

}  // namespace

int run_command_line(int argc, const char* const* argv) {
  CLI::App app{"Purser: an AI gateway with hard spending caps", "purser"};
  app.require_subcommand(1);
  app.set_help_all_flag("--help-all", "Help of every verb");
  app.set_version_flag("--version", "purser " PURSER_VERSION);
  Parsed parsed;
  const std::vector<Verb> verbs = all_verbs();
  add_local_verbs(app, parsed);
  for (const Verb& verb : verbs) add_api_verb(app, parsed, verb);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& wanted) {  // --help, --version
    return app.exit(wanted);
  } catch (const CLI::ParseError& error) {
    return explain_usage(app, error, argc, argv);
  }
  return parsed.run();
}

}  // namespace purser::main
