// A directory of configuration files that is gone afterwards, and an environment of one's own.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "config.h"

namespace purser::main {

class ConfigFixture {
 public:
  ConfigFixture() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "purser_config.XXXXXX").string();
    directory_ = ::mkdtemp(pattern.data());
    variables["PURSER_DATA_DIR"] = directory_ + "/data";
  }
  ~ConfigFixture() { std::filesystem::remove_all(directory_); }
  ConfigFixture(const ConfigFixture&) = delete;
  ConfigFixture& operator=(const ConfigFixture&) = delete;

  std::string write(const std::string& name, const std::string& text) const {
    const std::filesystem::path path = std::filesystem::path(directory_) / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
    return path.string();
  }

  Result<Config> load(const std::string& text) const {
    return load_config({write("purser.toml", text), environment()});
  }

  Environment environment() const {
    return [this](const std::string& name) -> std::optional<std::string> {
      const auto found = variables.find(name);
      if (found == variables.end()) return std::nullopt;
      return found->second;
    };
  }

  const std::string& directory() const { return directory_; }

  std::map<std::string, std::string> variables;

 private:
  std::string directory_;
};

}  // namespace purser::main
