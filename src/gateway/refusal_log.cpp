#include "refusal_log.h"

#include "purser/base/text.h"

namespace purser::gateway {

std::string json_of(const Id& request, const KeptRefusal& kept) {
  const providers::Refusal& refusal = kept.refusal;
  std::string json = "{\"id\":" + quote_json(to_text("req", request)) +
                     ",\"at\":" + quote_json(format_instant(kept.at)) + ",\"refused\":true" +
                     ",\"code\":" + quote_json(refusal.code) +
                     ",\"status\":" + std::to_string(refusal.status) +
                     ",\"message\":" + quote_json(refusal.message);
  if (!kept.user.is_zero())
    json += ",\"user_id\":" + quote_json(to_text("usr", kept.user)) +
            ",\"key_id\":" + quote_json(to_text("key", kept.key));
  if (!kept.model.empty())
    json += ",\"provider\":" + quote_json(kept.provider) + ",\"model\":" + quote_json(kept.model);
  json += ",\"details\":{";
  bool first = true;
  for (const auto& [name, value] : refusal.details) {
    json += (first ? "" : ",") + quote_json(name) + ":" + value;
    first = false;
  }
  return json + "}}";
}

}  // namespace purser::gateway
