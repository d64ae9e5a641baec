#include "hostile_table.h"

#include <cstdio>
#include <fstream>
#include <stdexcept>

namespace purser::http::testing {

namespace {

[[noreturn]] void malformed(std::string_view text) {
  throw std::runtime_error("a table's row cannot be read: " + std::string(text.substr(0, 200)));
}

std::string size_text(std::size_t size, const char* format) {
  char text[32];
  std::snprintf(text, sizeof text, format, size);
  return text;
}

Macros request_macros(const std::string& name) {
  Macros macros{
      {"path", "POST /v1/chat/completions"},
      {"who", "Authorization: Bearer psr_key\\r\\nUser-Agent: " + name +
                  "\\r\\nContent-Type: application/json\\r\\n"},
      {"post", "$(path) HTTP/1.1\\r\\nHost: x\\r\\n$(who)"},
      {"body", "{\"model\":\"any/gpt-4o-mini\",\"user\":\"" + name + "\",\"max_tokens\":16}"},
      {"sized", "Content-Length: $(length)\\r\\n"},
      {"chunked", "Transfer-Encoding: chunked\\r\\n\\r\\n"},
      {"chunks", "$(hex)\\r\\n$(body)\\r\\n0\\r\\n\\r\\n"},
  };
  macros["length"] = size_text(macros["body"].size(), "%zu");
  macros["hex"] = size_text(macros["body"].size(), "%zx");
  return macros;
}

Macros answer_macros() {
  const std::string usage = R"("usage":{"prompt_tokens":7,"completion_tokens":5})";
  const std::string last = "data: {\"choices\":[]," + usage + "}\n\n";
  Macros macros{
      {"ok", "HTTP/1.1 200 OK\\r\\nContent-Type: application/json\\r\\n"},
      {"answer", R"({"id":"a","model":"gpt-4o-mini","choices":[],)" + usage + "}"},
      {"sized", "Content-Length: $(length)\\r\\n"},
      {"chunked", "Transfer-Encoding: chunked\\r\\n\\r\\n"},
      {"chunks", "$(hex)\\r\\n$(answer)\\r\\n0\\r\\n\\r\\n"},
      {"sse", "HTTP/1.1 200 OK\\r\\nContent-Type: text/event-stream\\r\\n\\r\\n"},
      {"sse_chunked",
       "HTTP/1.1 200 OK\\r\\nContent-Type: text/event-stream\\r\\nTransfer-Encoding: "
       "chunked\\r\\n\\r\\n"},
      {"event", R"(data: {"choices":[{"index":0,"delta":{"content":"hi"}}]}\n\n)"},
      {"last", "data: {\"choices\":[]," + usage + "}\\n\\n"},
      {"done", "data: [DONE]\\n\\n"},
      {"usage_chunks",
       size_text(last.size(), "%zx") + "\\r\\n$(last)\\r\\ne\\r\\n$(done)\\r\\n0\\r\\n\\r\\n"},
  };
  macros["length"] = size_text(macros["answer"].size(), "%zu");
  macros["hex"] = size_text(macros["answer"].size(), "%zx");
  return macros;
}

class Expander {
 public:
  Expander(const Macros& macros, HostileRow& row) : macros_(macros), row_(row) {}

  std::string expand(std::string_view text) {
    std::string out;
    while (!text.empty()) {
      if (text.front() == '\\') {
        out += take_escape(text);
      } else if (text.starts_with("$(")) {
        out += take_macro(text);
      } else {
        out += text.front();
        text.remove_prefix(1);
      }
    }
    return out;
  }

 private:
  static char take_escape(std::string_view& text) {
    if (text.size() < 2) malformed(text);
    const char kind = text[1];
    const std::string digits(text.substr(2, 2));
    text.remove_prefix(kind == 'x' ? 4 : 2);
    switch (kind) {
      case 'r':
        return '\r';
      case 'n':
        return '\n';
      case 't':
        return '\t';
      case '\\':
        return '\\';
      case 'x':
        return static_cast<char>(std::stoi(digits, nullptr, 16));
      default:
        malformed(text);
    }
  }

  // $(name), or $(text*count).
  std::string take_macro(std::string_view& text) {
    const std::size_t close = text.find(')');
    if (close == std::string_view::npos) malformed(text);
    const std::string_view inner = text.substr(2, close - 2);
    text.remove_prefix(close + 1);
    if (const auto found = macros_.find(inner); found != macros_.end()) {
      return expand(found->second);
    }
    const std::size_t star = inner.rfind('*');
    if (star == std::string_view::npos) {
      row_.then = inner;
      return {};
    }
    const std::string piece = expand(inner.substr(0, star));
    std::string out;
    const int count = std::stoi(std::string(inner.substr(star + 1)));
    for (int i = 0; i < count; ++i) out += piece;
    return out;
  }

  const Macros& macros_;
  HostileRow& row_;
};

HostileRow read_row(std::string_view line, std::size_t columns, bool requests) {
  HostileRow row;
  for (std::size_t i = 0; i <= columns; ++i) {
    const std::size_t bar = line.find(" | ");
    if (bar == std::string_view::npos) malformed(line);
    const std::string_view cell = line.substr(0, bar);
    line.remove_prefix(bar + 3);
    if (i == 0) {
      row.name = cell;
    } else {
      row.columns.emplace_back(cell);
    }
  }
  const Macros macros = requests ? request_macros(row.name) : answer_macros();
  row.bytes = Expander(macros, row).expand(line);
  return row;
}

std::vector<HostileRow> read_table(const std::string& file, std::size_t columns, bool requests) {
  std::ifstream in(std::string(PURSER_SOURCE_DIR) + "/tests/hostile/" + file);
  if (!in) throw std::runtime_error("tests/hostile/" + file + " cannot be read");
  std::vector<HostileRow> rows;
  for (std::string line; std::getline(in, line);) {
    if (!line.empty() && line.front() != '#') rows.push_back(read_row(line, columns, requests));
  }
  return rows;
}

}  // namespace

void PrintTo(const HostileRow& row, std::ostream* out) { *out << row.name; }

std::vector<HostileRow> read_hostile_requests() { return read_table("requests.table", 2, true); }
std::vector<HostileRow> read_hostile_answers() { return read_table("answers.table", 3, false); }

std::string next_request(std::string_view name) {
  const Macros macros = request_macros(std::string(name) + ".next");
  HostileRow unused;
  return Expander(macros, unused).expand("$(post)$(sized)\\r\\n$(body)");
}

}  // namespace purser::http::testing
