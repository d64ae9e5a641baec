// The verbs of the `purser` command that call the REST API, as data: what they take, which call
// they make of it, and how the answer shows. verbs_*.cpp hold them; call_verb.h runs one.
#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "api_client.h"
#include "purser/base/result.h"

namespace purser::main {

// Where a parameter goes: into `{key}` of the path, the query, the JSON body; `file` is read (or
// "-": standard input) and becomes the body; `own` is for the verb's `prepare` alone.
enum class Where : std::uint8_t { path, query, body, file, own };

enum class Kind : std::uint8_t {
  text,
  amount,  // USD: "150", "12.5"; checked before anything is sent
  integer,
  flag,  // true where given
  list,  // may be given several times, or with commas
};

struct Parameter {
  std::string flag;  // "--team"; without dashes it is positional: "EMAIL"; or both: "--user,EMAIL"
  std::string key;   // its name in the path, query or body
  std::string help;
  Where where = Where::body;
  Kind kind = Kind::text;
  bool required = false;
};

// What the command line gave, by the parameter's key. A flag is {"true"}.
class Given {
 public:
  void set(const std::string& key, std::vector<std::string> values);
  bool has(const std::string& key) const;
  std::string one(const std::string& key) const;  // empty where not given
  std::vector<std::string> all(const std::string& key) const;

 private:
  std::map<std::string, std::vector<std::string>> values_;
};

enum class Show : std::uint8_t { text, amount, count, yes, time, list };

struct Column {
  std::string heading;
  std::string key;  // "team" or "team.name"
  Show show = Show::text;
};

// A call under construction: `body` is sent unless it is null or the verb takes a file.
struct Draft {
  ApiCall call;
  boost::json::value body;
};

// Another call that a verb needs first, such as the look-up of a cap's id by its scope. Errors:
// those of ApiClient, and `refused` with the API's own sentence.
using Fetch = std::function<Result<boost::json::value>(const ApiCall&)>;

struct Verb {
  std::vector<std::string> words;  // {"cap", "set"}
  std::string help;
  std::string method;
  std::string path;
  std::vector<Parameter> parameters;
  std::string rows;  // the member of the answer that holds the rows; empty: the answer is one thing
  std::vector<Column> columns;
  std::string done;  // printed after a change, where there is nothing to show: "ended {cap}"
  std::function<Result<void>(const Given&, Draft&)> prepare = {};
  std::function<Result<void>(const Given&, const Fetch&, Draft&)> find = {};
  std::function<std::string(const boost::json::value&)> print = {};
  // In place of the one call and of showing its answer: a verb of several calls. Gives the exit
  // code.
  std::function<int(const Given&, const ApiClient&, const Draft&)> run = {};
  // Of an answer with a good status that tells of failures all the same.
  std::function<bool(const boost::json::value&)> has_failures = {};
};

std::vector<Verb> people_verbs();
std::vector<Verb> key_verbs();
std::vector<Verb> cap_verbs();
std::vector<Verb> raise_verbs();
std::vector<Verb> rule_verbs();
std::vector<Verb> alert_verbs();
std::vector<Verb> audit_verbs();
std::vector<Verb> request_verbs();
std::vector<Verb> workspace_verbs();
std::vector<Verb> all_verbs();

}  // namespace purser::main
