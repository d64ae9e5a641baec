// The case for a raise, for a terminal.
#pragma once

#include <boost/json/value.hpp>
#include <string>

namespace purser::main {

// Of the answer of GET /api/v1/caps/{cap}/case.
std::string cap_case_text(const boost::json::value& raise_case);

}  // namespace purser::main
