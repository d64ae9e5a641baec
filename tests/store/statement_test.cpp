// Parameters that are bound already are not bound again: whatever was there before, what is run is
// what was given.
#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "sqlite/connection.h"
#include "store_test_support.h"

namespace purser::store {
namespace {

// As SQLite's quote() shows a value.
class StatementTest : public ::testing::Test {
 protected:
  std::string shown(const Param& param) {
    std::string text;
    statement_->each({param}, [&](const Row& row) { text = row.text(0); });
    return text;
  }

  TempDirectory directory_;
  Connection connection_{made(), Connection::Mode::write};
  std::unique_ptr<Statement> statement_ = connection_.prepare("SELECT quote(?1)");

 private:
  std::string made() {
    const std::string file = directory_.path() + "/a.db";
    std::ofstream{file};
    return file;
  }
};

TEST_F(StatementTest, EachValueIsBoundAfterAnyOther) {
  const Id id = {{1, 2, 3}};
  const std::string quote = "X'01020300000000000000000000000000'";
  const std::string long_text(200, 'x');
  const std::vector<std::pair<Param, std::string>> values = {
      {Param(nullptr), "NULL"},
      {Param(0), "0"},
      {Param(7), "7"},
      {Param(std::int64_t{-1} << 62), "-4611686018427387904"},
      {Param(""), "''"},
      {Param(std::string_view()), "''"},
      {Param("7"), "'7'"},
      {Param("x"), "'x'"},
      {Param(long_text), "'" + long_text + "'"},
      {Param(id), quote},
      {Param(std::span(id.bytes).first(0)), "X''"},
      {Param(std::span(id.bytes).first(1)), "X'01'"},
  };
  for (const auto& [before, before_shown] : values) {
    for (const auto& [value, value_shown] : values) {
      EXPECT_EQ(shown(before), before_shown);
      EXPECT_EQ(shown(value), value_shown) << "after " << before_shown;
      EXPECT_EQ(shown(value), value_shown) << "again, after " << before_shown;
    }
  }
}

// The caller's text is gone, or another, by the next run.
TEST_F(StatementTest, WhatWasBoundIsKept) {
  for (const std::size_t size : {1u, 15u, 16u, 64u, 65u, 1000u}) {
    auto text = std::make_unique<std::string>(size, 'a');
    EXPECT_EQ(shown(Param(*text)), "'" + std::string(size, 'a') + "'");
    text->back() = 'b';
    EXPECT_EQ(shown(Param(*text)), "'" + std::string(size - 1, 'a') + "b'");
    text.reset();
    const std::string again = std::string(size - 1, 'a') + "b";
    EXPECT_EQ(shown(Param(again)), "'" + again + "'");
  }
}

}  // namespace
}  // namespace purser::store
