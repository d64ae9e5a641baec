#include "path/client.h"

#include <fmt/format.h>

namespace purser::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
constexpr Duration kPatience = seconds(200);

bool is_of_a_client(Fault fault) {
  return fault >= Fault::client_gone_in_head && fault <= Fault::client_reads_slowly;
}

Fault choose_fault(World& world) {
  if (!world.faults_on || world.choose.one_in(3)) return Fault::none;
  const auto first = static_cast<std::size_t>(Fault::client_gone_in_head);
  const auto last = static_cast<std::size_t>(Fault::provider_closes_idle);
  return static_cast<Fault>(first + world.choose.index(last - first + 1));
}

}  // namespace

void Client::begin(int requests) {
  left_ = requests;
  // The server may just be closing one that has been idle: whoever asks on it then has no answer.
  if (wire_) wire_->reset();
  wire_.reset();
  think();
}

void Client::think() {
  if (left_ == 0) return;
  world_.clock.after(milliseconds(world_.choose.below(4000)), [this] { ask(); });
}

Asked& Client::make_request() {
  Asked& asked = world_.asked.emplace_back();
  asked.mark = fmt::format("mark-{:06}", world_.asked.size() - 1);
  asked.client = number_;
  asked.user = user;
  asked.team = team;
  asked.anthropic = world_.choose.one_in(2);
  asked.streams = world_.choose.one_in(2);
  // Some ask for more than the smallest acceptable form has, so that a bound can be lowered to fit.
  const bool asks_much = world_.choose.one_in(4);
  asked.limit_tokens =
      asks_much ? 1'100 + world_.choose.below(6000) : 20 + world_.choose.below(600);
  asked.padding_bytes = 100 + world_.choose.index(300);
  asked.fault = choose_fault(world_);
  if (asked.fault == Fault::provider_resets_request) asked.padding_bytes = 20'000;
  // What only a stream can show.
  if (asked.fault == Fault::client_reads_slowly || asked.fault == Fault::client_gone_in_answer ||
      asked.fault == Fault::answer_error_event)
    asked.streams = true;
  asked.crashes_before = world_.crashes;
  asked.in_peace = !world_.faults_on;
  return asked;
}

std::string Client::request_bytes(const Asked& asked) const {
  const std::string prompt = asked.mark + " " + std::string(asked.padding_bytes, 'p');
  const std::string body = fmt::format(
      R"({{"model":"{}","max_tokens":{},"stream":{},{},"messages":[{{"role":"user","content":"{}"}}]}})",
      asked.anthropic ? "sim-claude" : "sim-chat", asked.limit_tokens, asked.streams,
      asked.anthropic ? R"("metadata":{"user_id":")" + asked.mark + R"("})"
                      : R"("user":")" + asked.mark + "\"",
      prompt);
  return fmt::format(
      "POST {} HTTP/1.1\r\nhost: sim\r\n{}: {}{}\r\ncontent-type: application/json\r\n"
      "content-length: {}\r\n\r\n{}",
      asked.anthropic ? "/v1/messages" : "/v1/chat/completions",
      asked.anthropic ? "x-api-key" : "authorization", asked.anthropic ? "" : "Bearer ", key,
      body.size(), body);
}

void Client::ask() {
  if (!wire_ || !wire_->is_open() || world_.choose.one_in(4)) {
    if (wire_) wire_->reset();
    wire_ = connect_(*this);
    reader_ = std::make_unique<HttpReader>(true);
    if (!wire_) return think();  // nobody listens: later
  }
  --left_;
  asked_ = &make_request();
  if (is_of_a_client(asked_->fault)) world_.faults.count(asked_->fault);
  send_with_fault(request_bytes(*asked_));
  world_.clock.after(kPatience, [this, asked = asked_] {
    if (asked_ == asked) leave();
  });
}

void Client::send_with_fault(const std::string& bytes) {
  const std::size_t head = bytes.find("\r\n\r\n");
  const auto leave_after = [this](Duration wait) {
    world_.clock.after(wait, [this, asked = asked_] {
      if (asked_ == asked) leave();
    });
  };
  switch (asked_->fault) {
    case Fault::client_gone_in_head:
      wire_->send(bytes.substr(0, 1 + world_.choose.index(head)));
      return leave_after(milliseconds(10));
    case Fault::client_gone_in_body:
      wire_->send(bytes.substr(0, head + 4 + world_.choose.index(bytes.size() - head - 4)));
      return leave_after(milliseconds(10));
    case Fault::client_gone_before_answer:
      wire_->send(bytes);
      return leave_after(milliseconds(world_.choose.below(60)));
    case Fault::client_sends_slowly:
      return send_slowly(bytes, 0);
    case Fault::client_reads_slowly:
      wire_->send(bytes);
      wire_->stop_reading();
      world_.clock.after(seconds(world_.choose.below(45)), [wire = wire_] { wire->read_again(); });
      return;
    default:
      wire_->send(bytes);
  }
}

void Client::send_slowly(const std::string& bytes, std::size_t from) {
  const std::size_t size = 1 + world_.choose.index(bytes.size());
  wire_->send(bytes.substr(from, size));
  if (from + size >= bytes.size()) return;
  world_.clock.after(milliseconds(world_.choose.below(3000)),
                     [this, bytes, from, size, asked = asked_] {
                       if (asked_ == asked) send_slowly(bytes, from + size);
                     });
}

void Client::on_bytes(Wire& wire, std::string_view bytes) {
  if (wire_.get() != &wire || asked_ == nullptr) return;
  reader_->feed(bytes);
  const bool whole = reader_->read();
  if (asked_->fault == Fault::client_gone_in_answer && reader_->head_whole()) return leave();
  if (!whole) return;
  const int status = reader_->status();
  asked_->cost_told = reader_->field("x-purser-cost-usd");
  // The provider's own 500 is passed on; a surprise of ours is not one of the faults.
  if (reader_->body().find("internal_error") != std::string::npos)
    world_.fail(asked_->mark + " met a surprise: " + reader_->body());
  const bool closes = reader_->field("connection") == "close";
  reader_->next();
  if (closes) wire_->reset();
  end(status);
}

void Client::on_end(Wire& wire, bool) {
  if (wire_.get() != &wire) return;
  wire.end();
  if (asked_ == nullptr) return;
  const bool whole = reader_->end();
  end(whole ? reader_->status() : 0);
}

void Client::leave() {
  wire_->reset();
  asked_->client_left = true;
  end(0);
}

void Client::end(int status) {
  asked_->status = status;
  asked_->ended = true;
  asked_->crashes_after = world_.crashes;
  world_.note(static_cast<std::uint64_t>(status));
  world_.note(static_cast<std::uint64_t>(world_.clock.now().count()));
  asked_ = nullptr;
  think();
}

}  // namespace purser::sim
