// One connection to an upstream, for one request at a time: writes the request, reads the answer.
#pragma once

#include <memory>
#include <string>

#include "body_decoder.h"
#include "client_pool.h"
#include "head_parser.h"
#include "purser/http/client.h"
#include "read_buffer.h"

namespace purser::http {

class ClientConnection {
 public:
  ClientConnection(std::shared_ptr<const ClientSettings> settings, PoolKey key,
                   std::unique_ptr<Stream> stream, bool reused);

  // Writes the request and reads the head of the answer. `*sent_bytes` says how much of the request
  // left, also where it failed.
  boost::asio::awaitable<UpstreamFailure> exchange(const std::string* head, const std::string* body,
                                                   bool is_head_request, std::size_t* sent_bytes);
  boost::asio::awaitable<BodyPiece> read_some();

  const ResponseHead& head() const { return head_; }
  const std::string& reason() const { return reason_; }
  const PoolKey& key() const { return key_; }
  bool reused() const { return reused_; }
  // The answer ended cleanly, both sides keep the connection, and no byte is left over.
  bool is_reusable() const;
  bool is_quiet() { return stream_->is_quiet(); }
  void mark_reused() { reused_ = true; }
  void close() noexcept { stream_->close(); }

 private:
  boost::asio::awaitable<UpstreamFailure> write_request(const std::string* head,
                                                        const std::string* body,
                                                        std::size_t* sent_bytes);
  boost::asio::awaitable<UpstreamFailure> read_head(bool is_head_request);
  // Where a whole head has come: parses it. `none` with `head_whole_` false: more is needed.
  UpstreamFailure take_head(bool is_head_request);
  UpstreamFailure fail(UpstreamFailure failure, std::string reason);

  std::shared_ptr<const ClientSettings> settings_;
  PoolKey key_;
  std::unique_ptr<Stream> stream_;
  bool reused_;
  ReadBuffer buffer_;
  ResponseHead head_;
  BodyDecoder decoder_;
  bool head_whole_ = false;
  std::size_t interim_answers_ = 0;
  std::size_t pending_consume_ = 0;  // of the buffer, once the piece handed out is done with
  UpstreamFailure failure_ = UpstreamFailure::none;
  std::string reason_;
};

}  // namespace purser::http
