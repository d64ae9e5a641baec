// Runs one verb: what was given becomes a call, its answer becomes text.
#pragma once

#include <string>

#include "verb.h"

namespace purser::main {

// Errors: `bad_amount`, `bad_number`, `no_file` and what the verb's `prepare` says.
Result<Draft> make_call(const Verb& verb, const Given& given);

// The answer for a person.
std::string show_answer(const Verb& verb, const Given& given, const std::string& body);

// The sentence of an answer that refuses: the API's own message, whatever the body is.
std::string refusal_text(const ApiAnswer& answer);

// Calls, prints, and returns the exit code: 0, or 1 where it was refused or failed.
int call_verb(const Verb& verb, const Given& given, bool as_json, const Environment& environment);

// The member at "a.b.c"; null where there is none.
const boost::json::value* member_at(const boost::json::value& value, std::string_view path);
// A member as a table's cell.
std::string shown(const boost::json::value* value, Show show);

}  // namespace purser::main
