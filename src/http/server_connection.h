// One connection of the server: reads heads, runs the handler, writes answers. Belongs to one
// coroutine, `serve_connection`.
#pragma once

#include <memory>
#include <string>

#include "body_decoder.h"
#include "head_parser.h"
#include "read_buffer.h"
#include "server_state.h"

namespace purser::http {

class ServerConnection {
 public:
  // `listener` may be null.
  ServerConnection(std::shared_ptr<ServerState> state, std::shared_ptr<Listener> listener,
                   std::unique_ptr<Stream> stream);
  ~ServerConnection();
  ServerConnection(const ServerConnection&) = delete;
  ServerConnection& operator=(const ServerConnection&) = delete;

  boost::asio::awaitable<void> run();
  // Closes it, if it waits for a request.
  void stop();

  const RequestHead& head() const { return head_; }
  std::string_view peer_address() const { return peer_address_; }
  bool started() const { return started_; }
  bool finished() const { return finished_; }

  boost::asio::awaitable<Result<std::string>> read_body(std::size_t limit_bytes);
  bool charge(std::size_t bytes);
  boost::asio::awaitable<bool> send(Response response);
  boost::asio::awaitable<bool> start(int status, Fields fields, std::string_view first_piece);
  boost::asio::awaitable<bool> write(std::string_view piece);
  boost::asio::awaitable<bool> finish(std::string_view last_piece);
  void abort();

 private:
  enum class Next { request, refused, closed };
  boost::asio::awaitable<Next> read_head();
  Next take_head();
  boost::asio::awaitable<void> exchange();
  boost::asio::awaitable<void> refuse(Fault fault);
  boost::asio::awaitable<void> linger();
  void begin_exchange();
  void count(Fault fault);

  // request_body.cpp
  boost::asio::awaitable<Result<std::string>> read_length_body();
  boost::asio::awaitable<Result<std::string>> read_chunked_body(std::size_t limit_bytes);
  boost::asio::awaitable<ReadResult> read_for_body(std::span<char> into);
  Error body_error(const char* code, const char* message);
  Error body_read_error(IoStatus status);
  void release_charge();

  bool may_keep_alive() const;
  bool answer_has_no_body(int status) const;
  void append_head(int status, const Fields& fields);
  void append_piece(std::string_view piece);
  boost::asio::awaitable<bool> flush(std::string_view data);
  Duration now() const { return state_->options.env->boot_now(); }
  const Limits& limits() const { return *limits_; }

  std::shared_ptr<ServerState> state_;
  std::shared_ptr<const Limits> limits_;
  std::shared_ptr<Listener> listener_;
  std::unique_ptr<Stream> stream_;
  std::string peer_address_;

  ReadBuffer buffer_;
  HeadScanner scanner_;
  std::string out_;
  std::size_t requests_ = 0;
  bool waiting_ = false;  // for the first byte of a request

  // Of the current exchange.
  RequestHead head_;
  BodyFraming framing_;
  Fault fault_ = Fault::none;
  bool body_asked_ = false;
  bool body_whole_ = true;  // nothing of the request is left unread
  std::size_t charged_bytes_ = 0;
  Duration body_deadline_{};
  bool started_ = false;
  bool finished_ = false;
  bool chunked_ = false;
  bool silent_ = false;   // the answer has no body, whatever the handler writes
  bool closing_ = false;  // said so in the answer
  bool gone_ = false;     // nothing more can be written
};

}  // namespace purser::http
