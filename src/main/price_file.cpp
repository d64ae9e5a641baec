#include "price_file.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include "embedded_prices.h"
#include "first_start.h"

namespace purser::main {

namespace {

struct PriceText {
  std::string text;
  pricing::PriceBook book;
};

Result<PriceText> read_book(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  std::stringstream text;
  text << stream.rdbuf();
  if (!stream) {
    std::error_code ignored;
    const bool is_there = std::filesystem::exists(file, ignored);
    return Error{"bad_prices",
                 is_there
                     ? "the price book " + file + " cannot be read; check its permissions"
                     : "there is no file " + file + "; give the name of a price book that is there",
                 Side::us};
  }
  Result<pricing::PriceBook> book = pricing::PriceBook::parse(text.str());
  if (!book) {
    return Error{"bad_prices", "the price book " + file + " is not sound: " + book.error().message,
                 Side::us};
  }
  return PriceText{text.str(), std::move(*book)};
}

std::string place_in(const std::string& data_dir) { return data_dir + "/prices.json"; }

}  // namespace

Result<pricing::PriceBook> load_price_book(const std::string& data_dir) {
  const std::string file = place_in(data_dir);
  if (!std::filesystem::exists(file)) return pricing::PriceBook::parse(embedded_prices());
  Result<PriceText> read = read_book(file);
  if (!read) return read.error();
  return std::move(read->book);
}

Result<std::string> install_price_book(const std::string& file, const std::string& data_dir) {
  const Result<PriceText> read = read_book(file);
  if (!read) return read.error();
  if (auto written = write_private_file(place_in(data_dir), read->text); !written) {
    return written.error();
  }
  return read->book.version();
}

}  // namespace purser::main
