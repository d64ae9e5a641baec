// One transfer of libcurl, bounded in every way: the part that HTTP and SMTP share. The public face
// of a channel is purser/alerts/channel.h.
//
// Threading: one transfer belongs to one thread.
#pragma once

#include <curl/curl.h>

#include <memory>
#include <string>

#include "purser/alerts/channel.h"

namespace purser::alerts {

// As curl's options of time want it: at least 1, since 0 means none.
long milliseconds(Duration time);

class Transfer {
 public:
  explicit Transfer(const ChannelConfig& channel);
  ~Transfer();
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  CURL* handle() const { return handle_; }

  // A header of HTTP, or a recipient of SMTP. `option` takes the list.
  void append(CURLoption option, const std::string& line);

  // Runs it; the status of HTTP, or the last reply code of SMTP, is 0 where none came.
  CURLcode perform();
  long status() const;

  // "hooks.example.org could not be reached: …" of a transfer that failed before it had a status.
  SendResult failure(CURLcode code) const;

  // What the receiver said, its beginning only.
  const std::string& answer() const { return answer_; }
  // Of SMTP: the last reply, without its line end.
  const std::string& last_line() const { return last_line_; }
  // The value of HTTP's Retry-After; empty: none.
  const std::string& retry_after() const { return retry_after_; }

 private:
  static curl_socket_t open_socket(void* self, curlsocktype purpose, curl_sockaddr* address);
  static std::size_t take_body(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t take_header(char* data, std::size_t size, std::size_t count, void* self);

  const ChannelConfig& channel_;
  CURL* handle_;
  curl_slist* list_ = nullptr;
  char detail_[CURL_ERROR_SIZE] = "";
  std::string refused_address_;  // the last that may not be connected to
  std::string answer_;
  std::string retry_after_;
  std::string last_line_;
};

}  // namespace purser::alerts
