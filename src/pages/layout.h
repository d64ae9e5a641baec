// A whole page: head, style, and the header fields that go with it.
#pragma once

#include <string>
#include <vector>

#include "html.h"
#include "purser/api/api.h"

namespace purser::pages {

struct Page {
  std::string title;
  Html body;
  int status = 200;
  bool takes_secret = false;  // runs the script that takes a secret out of the address
};

api::ApiResponse to_response(const Page& page);
// To a path of our own, as the answer to a form.
api::ApiResponse see_other(const std::string& path);

// A sentence that something went wrong, read out by screen readers.
Html problem(std::string_view text);
// <label>text <input …></label>
Html labelled(std::string_view text, const Html& field);
Html hidden(Constant name, std::string_view value);
Html link(const std::string& path, std::string_view text);
Html button(std::string_view text);

}  // namespace purser::pages
