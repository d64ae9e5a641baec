// Bytes read and not yet used. Small while a connection waits, grown as needed.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

namespace purser::http {

class ReadBuffer {
 public:
  std::string_view view() const { return {bytes_.get() + begin_, end_ - begin_}; }
  std::span<char> span() { return {bytes_.get() + begin_, end_ - begin_}; }
  bool empty() const { return begin_ == end_; }
  std::size_t size() const { return end_ - begin_; }

  void consume(std::size_t size) {
    begin_ += size;
    if (begin_ == end_) begin_ = end_ = 0;
  }
  void clear() { begin_ = end_ = 0; }

  // Room behind the bytes: at least 1, with a capacity of at least `capacity`. Views are void then.
  std::span<char> room(std::size_t capacity) {
    if (begin_ > 0) {
      std::memmove(bytes_.get(), bytes_.get() + begin_, size());
      end_ -= begin_;
      begin_ = 0;
    }
    if (end_ == capacity_ || capacity_ < capacity) {
      std::size_t wanted = capacity_ == 0 ? capacity : capacity_;
      while (wanted < capacity || wanted == end_) wanted *= 2;
      std::unique_ptr<char[]> bytes(new char[wanted]);
      if (end_ > 0) std::memcpy(bytes.get(), bytes_.get(), end_);
      bytes_ = std::move(bytes);
      capacity_ = wanted;
    }
    return {bytes_.get() + end_, capacity_ - end_};
  }
  void added(std::size_t size) { end_ += size; }

  // Gives memory back, if nothing is kept in it.
  void shrink(std::size_t capacity) {
    if (!empty() || capacity_ <= capacity) return;
    bytes_.reset();
    capacity_ = 0;
  }

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace purser::http
