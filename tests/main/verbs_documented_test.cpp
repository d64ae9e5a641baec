// That each verb calls what docs/openapi.json documents.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cctype>
#include <fstream>
#include <sstream>

#include "verb.h"

namespace purser::main {
namespace {

namespace json = boost::json;

TEST(VerbsDocumented, CallWhatTheApiDocuments) {
  std::ifstream stream(PURSER_SOURCE_DIR "/docs/openapi.json");
  ASSERT_TRUE(stream) << "docs/openapi.json is missing";
  std::stringstream text;
  text << stream.rdbuf();
  const json::value document = json::parse(text.str());
  for (const Verb& verb : all_verbs()) {
    std::string method = verb.method;
    for (char& c : method) c = static_cast<char>(std::tolower(c));
    const json::object& paths = document.at("paths").as_object();
    // The names inside the braces are the document's own.
    bool found = false;
    for (const auto& [path, operations] : paths) {
      std::string documented(path), called = verb.path;
      const auto without_names = [](std::string& place) {
        for (std::size_t at = 0; (at = place.find('{', at)) != std::string::npos; ++at) {
          place.erase(at + 1, place.find('}', at) - at - 1);
        }
      };
      without_names(documented);
      without_names(called);
      found = found || (documented == called && operations.as_object().contains(method));
    }
    EXPECT_TRUE(found) << verb.help << ": " << verb.method << " " << verb.path;
  }
}

}  // namespace
}  // namespace purser::main
