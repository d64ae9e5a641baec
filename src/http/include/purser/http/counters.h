// What the listener counts. Readable from any thread at any time; each only grows, except
// `connections_open` and `buffered_bytes`, which are levels.
#pragma once

#include <atomic>
#include <cstdint>

namespace purser::http {

struct Counters {
  using Count = std::atomic<std::uint64_t>;

  Count connections_open{0};
  Count buffered_bytes{0};

  Count connections_accepted{0};
  Count requests{0};          // whole heads that passed the strict check
  Count handler_failures{0};  // the handler threw

  // Limits that were crossed, and what was refused at the door.
  Count refused_connections{0};
  Count refused_head_too_large{0};
  Count refused_too_many_fields{0};
  Count refused_target_too_long{0};
  Count refused_bad_request{0};  // every breach of framing or syntax
  Count refused_body_too_large{0};
  Count refused_buffered_full{0};
  Count head_timeouts{0};
  Count idle_timeouts{0};
  Count body_timeouts{0};
  Count write_timeouts{0};  // slow readers that were dropped
  Count tls_failures{0};
  Count requests_per_connection_reached{0};
  Count lingers_cut{0};        // a client kept sending after its answer, beyond the bounds for that
  Count clients_gone{0};       // closed or reset in the middle of an exchange
  Count responses_aborted{0};  // begun and not ended well
  Count invalid_fields_dropped{0};  // fields of a response that could have split it
};

}  // namespace purser::http
