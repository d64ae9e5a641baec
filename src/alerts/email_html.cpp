// The HTML part of an e-mail. Mail readers drop style sheets and scripts: all style is inline, and
// tables carry what must line up.
#include <fmt/format.h>

#include <algorithm>

#include "email.h"
#include "text.h"

namespace purser::alerts {

namespace {

constexpr std::size_t kMostParts = 20;
constexpr std::size_t kMostText = 4000;

constexpr const char* kBody =
    "margin:0;padding:0;background:#f3f4f6;font-family:-apple-system,'Segoe UI',Roboto,Helvetica,"
    "Arial,sans-serif;font-size:16px;line-height:1.5;color:#111827";
constexpr const char* kCard =
    "width:100%;max-width:600px;background:#ffffff;border-radius:8px;text-align:left";
constexpr const char* kButton =
    "display:block;padding:14px 20px;background:#1d4ed8;color:#ffffff;text-align:center;"
    "text-decoration:none;font-weight:600;border-radius:6px";

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : shorten(one_line(text), kMostText)) {
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '"') {
      out += "&quot;";
    } else if (c == '\'') {
      out += "&#39;";
    } else {
      out += c;
    }
  }
  return out;
}

const char* colour(Severity severity) {
  switch (severity) {
    case Severity::info:
      return "#1d4ed8";
    case Severity::warning:
      return "#b45309";
    case Severity::critical:
      return "#b91c1c";
  }
  PURSER_ASSERT(false);
}

constexpr const char* kTable =
    "<table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" "
    "style=\"border-collapse:collapse;margin:0 0 16px\">\n";

std::string facts_table(const std::vector<Fact>& facts) {
  if (facts.empty()) return {};
  std::string out = kTable;
  for (const Fact& fact : facts) {
    out += fmt::format(
        "<tr><td style=\"padding:4px 12px 4px 0;color:#6b7280;vertical-align:top\">{}</td>"
        "<td style=\"padding:4px 0;vertical-align:top\">{}</td></tr>\n",
        escaped(fact.label), escaped(fact.value));
  }
  return out + "</table>\n";
}

std::string breakdown_table(const Breakdown& breakdown) {
  if (breakdown.parts.empty()) return {};
  const std::size_t shown = std::min(breakdown.parts.size(), kMostParts);
  std::string out = fmt::format("<h2 style=\"margin:0 0 4px;font-size:16px\">{}</h2>\n{}",
                                escaped(breakdown.title), kTable);
  for (std::size_t at = 0; at < shown; ++at) {
    const Breakdown::Part& part = breakdown.parts[at];
    out += fmt::format(
        "<tr><td style=\"padding:4px 12px 4px 0;word-break:break-word\">{}</td>"
        "<td align=\"right\" style=\"padding:4px 12px 4px 0;white-space:nowrap\">{}</td>"
        "<td align=\"right\" style=\"padding:4px 0;white-space:nowrap;color:#6b7280\">{} %</td>"
        "</tr>\n",
        escaped(part.name), escaped(part.amount), part.percent);
  }
  if (shown < breakdown.parts.size()) {
    out += fmt::format("<tr><td colspan=\"3\" style=\"color:#6b7280\">and {} more</td></tr>\n",
                       breakdown.parts.size() - shown);
  }
  return out + "</table>\n";
}

// The first is the button; the others are lines of text below.
std::string links_block(const std::vector<Link>& links) {
  std::string out;
  for (const Link& link : links) {
    if (!is_web_link(link.url)) continue;
    const char* paragraph = out.empty() ? "margin:8px 0 16px" : "margin:0 0 12px";
    const char* anchor = out.empty() ? kButton : "color:#1d4ed8";
    out += fmt::format("<p style=\"{}\"><a href=\"{}\" style=\"{}\">{}</a></p>\n", paragraph,
                       escaped(link.url), anchor, escaped(link.text));
  }
  return out;
}

}  // namespace

std::string html_text(const Message& message) {
  std::string inside =
      fmt::format("<h1 style=\"margin:0 0 16px;font-size:20px;line-height:1.3;color:{}\">{}</h1>\n",
                  colour(message.severity), escaped(message.title));
  for (const std::string& paragraph : message.paragraphs) {
    inside += fmt::format("<p style=\"margin:0 0 16px\">{}</p>\n", escaped(paragraph));
  }
  inside += facts_table(message.facts);
  for (const Breakdown& breakdown : message.breakdowns) inside += breakdown_table(breakdown);
  inside += links_block(message.links);
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>{}</title>\n</head>\n<body style=\"{}\">\n"
      "<table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\">\n"
      "<tr><td align=\"center\" style=\"padding:16px 8px\">\n"
      "<table role=\"presentation\" cellpadding=\"0\" cellspacing=\"0\" style=\"{}\">\n"
      "<tr><td style=\"padding:24px 20px\">\n{}"
      "<p style=\"margin:16px 0 0;font-size:13px;color:#6b7280\">Purser, {}</p>\n"
      "</td></tr>\n</table>\n</td></tr>\n</table>\n</body>\n</html>\n",
      escaped(message.title), kBody, kCard, inside,
      format_instant(std::chrono::floor<std::chrono::seconds>(message.at)));
}

}  // namespace purser::alerts
