#include "html.h"

namespace purser::pages {
namespace {

// Also within quotes of an attribute. A control character has no place in HTML; a stranger's bytes
// may hold one.
std::string escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default: {
        const auto byte = static_cast<unsigned char>(c);
        const bool is_control = (byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7F;
        out += is_control ? ' ' : c;
      }
    }
  }
  return out;
}

}  // namespace

struct HtmlMaker {
  static Html make(std::string code) {
    Html html;
    html.code_ = std::move(code);
    return html;
  }
  static std::string open(Constant name, Attributes attributes) {
    std::string code = "<" + std::string(name.text());
    for (const Attribute& attribute : attributes) {
      if (!attribute.present) continue;
      code += " " + std::string(attribute.name.text()) + "=\"" + escaped(attribute.value) + "\"";
    }
    return code + ">";
  }
};

Html::Html(std::string_view text) : code_(escaped(text)) {}

Html& Html::operator+=(const Html& more) {
  code_ += more.code_;
  return *this;
}

Html as_it_is(Constant code) { return HtmlMaker::make(std::string(code.text())); }

Html element(Constant name, Attributes attributes, const std::vector<Html>& children) {
  std::string code = HtmlMaker::open(name, attributes);
  for (const Html& child : children) code += child.code();
  return HtmlMaker::make(code + "</" + std::string(name.text()) + ">");
}

Html single(Constant name, Attributes attributes) {
  return HtmlMaker::make(HtmlMaker::open(name, attributes));
}

}  // namespace purser::pages
