#include "layout.h"

#include <sodium.h>

#include <array>

namespace purser::pages {
namespace {

constexpr Constant kStyle =
    ":root{color-scheme:light dark;--line:#c8ccd4;--hint:#5a6270;--go:#1a5fb4;--bad:#a51d2d}"
    "@media(prefers-color-scheme:dark){:root{--line:#454b57;--hint:#a4acba;--go:#78aeed;"
    "--bad:#f66151}}"
    "*{box-sizing:border-box}"
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:38rem;margin:0 auto;padding:1rem}"
    "h1{font-size:1.4rem}h2{font-size:1.1rem;margin:1.5rem 0 .3rem}"
    "label{display:block;margin:.6rem 0}"
    "input:not([type=radio]),textarea,button{font:inherit;width:100%;padding:.6rem;"
    "border:1px solid var(--line);border-radius:.4rem}"
    "input[type=radio]{margin-right:.5rem}"
    "fieldset{border:1px solid var(--line);border-radius:.4rem;margin:1rem 0}"
    "button{background:var(--go);color:Canvas;border:0;font-weight:600;margin-top:.6rem;"
    "cursor:pointer}"
    "button.plain{background:none;color:inherit;border:1px solid var(--line);font-weight:400}"
    "a{color:var(--go)}:focus-visible{outline:3px solid var(--go);outline-offset:2px}"
    "table{border-collapse:collapse;width:100%}"
    "td,th{text-align:left;padding:.25rem .5rem .25rem 0;border-bottom:1px solid var(--line)}"
    "td.n,th.n{text-align:right}td,p,label{overflow-wrap:anywhere}"
    ".hint{color:var(--hint);font-size:.9rem}.bad{color:var(--bad);font-weight:600}"
    "nav{display:flex;gap:1rem;align-items:center;justify-content:space-between}"
    "nav form button{width:auto;white-space:nowrap;margin:0;padding:.3rem .8rem}";

// Out of the address at once, so that it stays in no history.
constexpr Constant kTakeSecret =
    "if(location.hash.length>1){document.getElementById('secret').value="
    "decodeURIComponent(location.hash.slice(1));"
    "history.replaceState(null,'',location.pathname+location.search)}";

// As a Content-Security-Policy names what stands in the page (CSP3, section 6.7.2).
std::string hash_source(Constant code) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
  const std::string_view text = code.text();
  crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(text.data()), text.size());
  std::array<char,
             sodium_base64_ENCODED_LEN(crypto_hash_sha256_BYTES, sodium_base64_VARIANT_ORIGINAL)>
      base64{};
  sodium_bin2base64(base64.data(), base64.size(), hash.data(), hash.size(),
                    sodium_base64_VARIANT_ORIGINAL);
  return "'sha256-" + std::string(base64.data()) + "'";
}

std::string policy(bool takes_secret) {
  static const std::string style = hash_source(kStyle);
  static const std::string script = hash_source(kTakeSecret);
  return "default-src 'none'; style-src " + style +
         (takes_secret ? "; script-src " + script : std::string()) +
         "; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
}

// A referrer would tell another site which cap was looked at; to our own it must go, since without
// one browsers send no Origin with a form.
void add_fields(api::ApiResponse& response, bool takes_secret) {
  response.fields.emplace_back("Content-Security-Policy", policy(takes_secret));
  response.fields.emplace_back("Referrer-Policy", "same-origin");
  response.fields.emplace_back("X-Content-Type-Options", "nosniff");
  response.fields.emplace_back("X-Frame-Options", "DENY");
  response.fields.emplace_back("Cache-Control", "no-store");
}

}  // namespace

api::ApiResponse to_response(const Page& page) {
  Html head = single("meta", {{"charset", "utf-8"}});
  head += single("meta", {{"name", "viewport"}, {"content", "width=device-width,initial-scale=1"}});
  head += single("meta", {{"name", "robots"}, {"content", "noindex"}});
  head += element("title", {}, {page.title + " · Purser"});
  head += element("style", {}, {as_it_is(kStyle)});
  Html body = element("main", {}, {element("h1", {}, {page.title}), page.body});
  if (page.takes_secret) body += element("script", {}, {as_it_is(kTakeSecret)});
  Html whole = as_it_is("<!doctype html>\n");
  whole +=
      element("html", {{"lang", "en"}}, {element("head", {}, {head}), element("body", {}, {body})});
  api::ApiResponse response;
  response.status = page.status;
  response.fields.emplace_back("Content-Type", "text/html; charset=utf-8");
  add_fields(response, page.takes_secret);
  response.body = whole.code() + "\n";
  return response;
}

api::ApiResponse see_other(const std::string& path) {
  api::ApiResponse response;
  response.status = 303;
  response.fields.emplace_back("Location", path);
  add_fields(response, false);
  return response;
}

Html problem(std::string_view text) {
  return element("p", {{"class", "bad"}, {"role", "alert"}}, {text});
}

Html labelled(std::string_view text, const Html& field) {
  return element("label", {}, {text, " ", field});
}

Html hidden(Constant name, std::string_view value) {
  return single(
      "input",
      {{"type", "hidden"}, {"name", std::string(name.text())}, {"value", std::string(value)}});
}

Html link(const std::string& path, std::string_view text) {
  return element("a", {{"href", path}}, {text});
}

Html button(std::string_view text) { return element("button", {{"type", "submit"}}, {text}); }

}  // namespace purser::pages
