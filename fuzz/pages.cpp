// What a browser sends to the pages: forms, cookies, and where to go next; and that what comes back
// as HTML is text.
#include <string>

#include "form.h"
#include "html.h"
#include "purser/api/session_cookie.h"
#include "targets.h"

namespace purser::fuzz {

void page_form(std::string_view bytes) {
  const pages::Form form = pages::Form::parse(bytes);
  for (const char* name : {"amount", "reason", "token", "next", ""}) {
    const std::string value = form.exact(name);
    PURSER_HOLDS(value.size() <= bytes.size());
    const std::string sent = std::string("other=&") + name + "=" + pages::percent_encoded(value);
    PURSER_HOLDS(pages::Form::parse(sent).exact(name) == value);
  }
  const std::string session = api::session_in(bytes);
  PURSER_HOLDS(session.find(';') == std::string::npos);
  PURSER_HOLDS(api::session_in("purser_session=" + session + ";purser_session=x").empty());
  const std::string code = pages::Html(bytes).code();
  PURSER_HOLDS(code.find_first_of("<>\"'") == std::string::npos);
}

}  // namespace purser::fuzz
